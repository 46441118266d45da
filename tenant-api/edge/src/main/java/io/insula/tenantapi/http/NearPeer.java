package io.insula.tenantapi.http;

import io.insula.tenantapi.api.ApiException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/// A way to a server of the same process, beside its port: no socket, no TLS and no HTTP on a wire, but the same
/// handler, limits, drain and check of the peer's certificate. Thread-safe.
public final class NearPeer {

    private static final String HERE = "127.0.0.1";

    private final ServerState state;
    private final List<X509Certificate> shown;
    private volatile Known known;

    NearPeer(ServerState state, List<X509Certificate> shown) {
        this.state = state;
        this.shown = List.copyOf(shown);
        known = known(state.tls());
    }

    /// An answer whose body may still be on its way.
    ///
    /// @param headers by the names that the handler gave them
    public record Reply(int status, Map<String, List<String>> headers, NearBody body) {}

    /// Asks for an answer, on a thread of the request's own.
    ///
    /// @param asked of nobody in particular: its peer and certificates are this one's
    /// @return fails with an [IOException] where the server has ended
    public CompletableFuture<Reply> send(HttpRequest asked) {
        Connection connection = connection();
        var exchange = new NearExchange(state, connection, asked);
        int length = asked.body().length;
        int most = state.config().limits().bodyBytes();
        Runnable work = exchange;
        if (length > most) {
            work = () -> exchange.refuse(ApiException.tooLarge(most));
        } else if (connection.waiting(0) && state.reserveBody(length)) {
            exchange.reserved(length);
        } else {
            work = () -> exchange.refuse(RequestReader.tooMany());
        }
        state.began(exchange);
        try {
            state.executor().execute(work);
        } catch (RejectedExecutionException e) {
            exchange.cut();
            exchange.handled();
        }
        return exchange.reply();
    }

    /// Trust may have changed since the last request.
    private Connection connection() {
        TlsState now = state.tls();
        Known last = known;
        if (!last.by().equals(now)) {
            last = known(now);
            known = last;
        }
        return last.connection();
    }

    private Known known(TlsState now) {
        X509Certificate[] chain = shown.toArray(X509Certificate[]::new);
        return new Known(
                now,
                new Connection(
                        state,
                        HERE,
                        now.clients().verified(chain),
                        now.proxies().verified(chain)));
    }

    private record Known(TlsState by, Connection connection) {}
}
