package io.insula.controlplane.cluster;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.Credentials;
import io.insula.tenantapi.http.HttpHandler;
import io.insula.tenantapi.http.HttpRefusal;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.tunnel.Tunnel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Between the port of a cluster and its API server, which may run or not: a request is handed to the server that
/// runs, or held until one does. Knows what is under way, and since when nobody has used the cluster.
///
/// Thread-safe: guarded by `lock`.
final class Switchboard implements HttpHandler {

    /// Not more than a client waits by itself. Source: kubernetes/apiserver, `DefaultRequestTimeout` (60 s).
    static final Duration PATIENCE = Duration.ofSeconds(60);

    /// Requests held at once; each has a thread and its body, which the edge limits too.
    static final int MOST_HELD = 1000;

    private final Runnable knock;
    private final Predicate<HttpRequest> syncers;
    private final Predicate<Credentials> refused;
    private final Consumer<HttpRefusal> unserved;
    private final Duration patience;
    private final int mostHeld;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<Open> open = ConcurrentHashMap.newKeySet();
    private final Condition changed = lock.newCondition();
    private @Nullable HttpHandler serving;
    private boolean closed;
    private int held;
    private int running;
    private int inUse;
    private long lastUseNanos = System.nanoTime();

    /// @param knock called for each request that is held
    /// @param syncers whether a request is the syncer's, which is never held and is no use of the cluster
    /// @param refused whether what a request has shown, and was served for, is taken no more
    /// @param unserved takes what was refused before it got here, while nothing runs that would record it
    Switchboard(
            Runnable knock,
            Predicate<HttpRequest> syncers,
            Predicate<Credentials> refused,
            Consumer<HttpRefusal> unserved,
            Duration patience,
            int mostHeld) {
        this.knock = knock;
        this.syncers = syncers;
        this.refused = refused;
        this.unserved = unserved;
        this.patience = patience;
        this.mostHeld = mostHeld;
    }

    @Override
    public void handle(HttpRequest request, HttpResponder responder) {
        boolean isSyncers = syncers.test(request);
        boolean isUse = !isSyncers && hasCredentials(request);
        HttpHandler server = find(isUse, !isSyncers);
        if (server == null) {
            refuse(responder);
            return;
        }
        var call = new Call(server, isUse, shown(request), responder);
        try {
            server.handle(request, call);
        } finally {
            ended(isUse);
        }
    }

    @Override
    public void refused(HttpRefusal refusal) {
        HttpHandler server;
        lock.lock();
        try {
            server = serving;
        } finally {
            lock.unlock();
        }
        if (server == null) {
            unserved.accept(refusal);
        } else {
            server.refused(refusal);
        }
    }

    /// From now on requests are `server`'s, also those that are held.
    void serve(HttpHandler server) {
        lock.lock();
        try {
            serving = server;
            lastUseNanos = System.nanoTime();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// From now on requests are held. Waits for those that are under way, whose streams are ended.
    ///
    /// @param endStreams ends all that are open now
    /// @param drain how long they may take
    void hold(Runnable endStreams, Duration drain) {
        lock.lock();
        try {
            serving = null;
        } finally {
            lock.unlock();
        }
        endStreams.run();
        lock.lock();
        try {
            long left = drain.toNanos();
            while (running > 0 && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /// Ends what streams to those by whose certificates or tokens nobody is let in any more.
    void endRefused() {
        open.forEach(this::endIfRefused);
    }

    private void endIfRefused(Open each) {
        if (refused.test(each.shown())) {
            each.end().run();
        }
    }

    /// Whoever is held gets an answer, and nobody is held any more.
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// How long nobody has used what runs; empty while somebody does, and while nothing runs.
    Optional<Duration> unusedFor() {
        lock.lock();
        try {
            return serving == null || inUse > 0
                    ? Optional.empty()
                    : Optional.of(Duration.ofNanos(System.nanoTime() - lastUseNanos));
        } finally {
            lock.unlock();
        }
    }

    /// How many requests wait for a server.
    int held() {
        lock.lock();
        try {
            return held;
        } finally {
            lock.unlock();
        }
    }

    /// What runs, with the request counted as under way; null where it must be refused.
    private @Nullable HttpHandler find(boolean isUse, boolean mayWait) {
        lock.lock();
        try {
            if (serving == null && mayWait && held < mostHeld) {
                knock.run();
                await();
            }
            if (serving != null) {
                began(isUse);
            }
            return serving;
        } finally {
            lock.unlock();
        }
    }

    private void await() {
        held++;
        try {
            long left = patience.toNanos();
            while (serving == null && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            held--;
        }
    }

    private void began(boolean isUse) {
        running++;
        inUse += isUse ? 1 : 0;
    }

    private void ended(boolean isUse) {
        lock.lock();
        try {
            running--;
            if (isUse) {
                inUse--;
                lastUseNanos = System.nanoTime();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Whether the request shows something by which its user could be known: what anybody can send keeps no cluster
    /// awake.
    static boolean hasCredentials(HttpRequest request) {
        return !request.clientCertificates().isEmpty()
                || !request.proxyCertificates().isEmpty()
                || request.header("authorization").isPresent();
    }

    private static Credentials shown(HttpRequest request) {
        return new Credentials(
                request.path(), request.headers(), request.clientCertificates(), request.proxyCertificates());
    }

    private static void refuse(HttpResponder responder) {
        var error = ApiException.unavailable("the cluster is asleep and could not be woken in time; it goes on trying");
        responder.send(
                error.code(),
                Map.of(
                        "Content-Type",
                        List.of("application/json"),
                        "Retry-After",
                        List.of(error.status().at("/details/retryAfterSeconds").asText())),
                Json.bytes(error.status()));
    }

    /// A streamed answer or a tunnel. Known by itself, not by what it holds.
    private static final class Open {
        private final Credentials shown;
        private final Runnable end;

        Open(Credentials shown, Runnable end) {
            this.shown = shown;
            this.end = end;
        }

        Credentials shown() {
            return shown;
        }

        Runnable end() {
            return end;
        }
    }

    /// A streamed answer goes on after the handler has returned.
    private final class Call implements HttpResponder {
        private final HttpHandler server;
        private final boolean isUse;
        private final Credentials shown;
        private final HttpResponder responder;

        Call(HttpHandler server, boolean isUse, Credentials shown, HttpResponder responder) {
            this.server = server;
            this.isUse = isUse;
            this.shown = shown;
            this.responder = responder;
        }

        @Override
        public void send(int status, Map<String, List<String>> headers, byte[] body) {
            responder.send(status, headers, body);
        }

        @Override
        public BodyStream stream(int status, Map<String, List<String>> headers) {
            BodyStream stream = responder.stream(status, headers);
            Open opened = opened(stream::abort, stream::onClose);
            if (!isServing()) {
                stream.close();
            }
            endIfRefused(opened);
            return stream;
        }

        @Override
        public Tunnel upgrade(Map<String, List<String>> headers) {
            Tunnel tunnel = responder.upgrade(headers);
            Open opened = opened(tunnel::close, tunnel::onClose);
            if (!isServing()) {
                tunnel.close();
            }
            endIfRefused(opened);
            return tunnel;
        }

        /// @param onClose takes what is to be run when it has ended
        private Open opened(Runnable end, Consumer<Runnable> onClose) {
            lock.lock();
            try {
                began(isUse);
            } finally {
                lock.unlock();
            }
            var opened = new Open(shown, end);
            open.add(opened);
            onClose.accept(() -> {
                if (open.remove(opened)) {
                    ended(isUse);
                }
            });
            return opened;
        }

        private boolean isServing() {
            lock.lock();
            try {
                return server.equals(serving);
            } finally {
                lock.unlock();
            }
        }
    }
}
