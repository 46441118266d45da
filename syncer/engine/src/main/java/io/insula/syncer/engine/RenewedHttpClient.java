package io.insula.syncer.engine;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.StandardHttpClient;
import io.fabric8.kubernetes.client.http.StandardHttpClientBuilder;
import io.fabric8.kubernetes.client.http.StandardHttpRequest;
import io.fabric8.kubernetes.client.http.StandardWebSocketBuilder;
import io.fabric8.kubernetes.client.http.WebSocket;
import io.fabric8.kubernetes.client.http.WebSocketResponse;
import io.fabric8.kubernetes.client.utils.HttpClientUtils;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// An HTTP client whose credential changes while it is used. A connection is who opened it, so that a new credential
/// needs new connections: from the first request after a change on, all go over those. What is under way on the old
/// ones ends there, watches too; nothing is cut. Thread-safe.
final class RenewedHttpClient
        extends StandardHttpClient<RenewedHttpClient, RenewedHttpClient.Clients, RenewedHttpClient.Making> {

    private final Latest latest;

    private RenewedHttpClient(Making builder, Latest latest, AtomicBoolean closed) {
        super(builder, closed);
        this.latest = latest;
    }

    @Override
    public CompletableFuture<WebSocketResponse> buildWebSocketDirect(
            StandardWebSocketBuilder request, WebSocket.Listener listener) {
        return latest.get().connection().client().buildWebSocketDirect(request, listener);
    }

    @Override
    public CompletableFuture<HttpResponse<AsyncBody>> consumeBytesDirect(
            StandardHttpRequest request, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        Ways ways = latest.get();
        return ways.shorter()
                .send(request, consumer)
                .orElseGet(() -> ways.connection().connected(client -> client.consumeBytesDirect(request, consumer)));
    }

    @Override
    protected void doClose() {
        latest.close();
    }

    /// Makes the clients of one server.
    ///
    /// @param access asked before each request, must be fast; another instance than before means: renewed
    /// @param shortcut where it leads to the server, only WebSockets go over a connection
    record Clients(Supplier<Config> access, Shortcut shortcut) implements HttpClient.Factory {
        @Override
        public Making newBuilder() {
            return new Making(this);
        }
    }

    static final class Making extends StandardHttpClientBuilder<RenewedHttpClient, Clients, Making> {

        private Making(Clients factory) {
            super(factory);
        }

        @Override
        public RenewedHttpClient build() {
            return client == null
                    ? new RenewedHttpClient(this, new Latest(getClientFactory()), new AtomicBoolean())
                    : new RenewedHttpClient(this, client.latest, client.getClosed());
        }

        @Override
        protected Making newInstance(Clients factory) {
            return new Making(factory);
        }
    }

    /// Those that begin while there is no connection would make one each, with a handshake each; so the first request
    /// goes alone. Thread-safe.
    private static final class OneConnection {

        private final StandardHttpClient<?, ?, ?> client;
        private final AtomicBoolean begun = new AtomicBoolean();
        private final CompletableFuture<Void> answered = new CompletableFuture<>();

        OneConnection(StandardHttpClient<?, ?, ?> client) {
            this.client = client;
        }

        StandardHttpClient<?, ?, ?> client() {
            return client;
        }

        <T> CompletableFuture<T> connected(Function<StandardHttpClient<?, ?, ?>, CompletableFuture<T>> request) {
            if (answered.isDone()) {
                return request.apply(client);
            }
            if (begun.getAndSet(true)) {
                return answered.thenCompose(_ -> request.apply(client));
            }
            CompletableFuture<T> answer;
            try {
                answer = request.apply(client);
            } catch (RuntimeException e) {
                answer = CompletableFuture.failedFuture(e);
            }
            var _ = answer.whenComplete((_, _) -> answered.complete(null));
            return answer;
        }
    }

    /// Those of one credential. A connection is made when it is needed. Guarded by `this`.
    private static final class Ways {

        private final Config of;
        private final Shortcut.Way shorter;
        private @Nullable OneConnection connection;

        Ways(Config of, Shortcut.Way shorter) {
            this.of = of;
            this.shorter = shorter;
        }

        Shortcut.Way shorter() {
            return shorter;
        }

        synchronized OneConnection connection() {
            OneConnection known = connection;
            if (known == null) {
                known = new OneConnection(connect(of));
                connection = known;
            }
            return known;
        }

        synchronized void close() {
            OneConnection known = connection;
            if (known != null) {
                known.client().close();
            }
        }

        private static StandardHttpClient<?, ?, ?> connect(Config config) {
            var factory = HttpClientUtils.getHttpClientFactory();
            var builder = factory.newBuilder();
            HttpClientUtils.applyCommonConfiguration(Connections.direct(config), builder, factory);
            if (!(builder.build() instanceof StandardHttpClient<?, ?, ?> made)) {
                throw new IllegalStateException("cannot send a request as it is by " + factory);
            }
            return made;
        }
    }

    /// Guarded by `this`.
    private static final class Latest {

        private final Clients clients;
        private @Nullable Config of;
        private @Nullable Ways current;

        Latest(Clients clients) {
            this.clients = clients;
        }

        /// What was before is not closed, for that would cut what is under way; it goes when nothing is any more.
        @SuppressWarnings("ReferenceEquality") // another instance is what says that it was renewed
        synchronized Ways get() {
            Config now = clients.access().get();
            var known = current;
            if (known != null && now == of) {
                return known;
            }
            var ways = new Ways(now, clients.shortcut().to(now));
            current = ways;
            of = now;
            return ways;
        }

        synchronized void close() {
            var known = current;
            if (known != null) {
                known.close();
            }
        }
    }
}
