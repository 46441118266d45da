package io.insula.tenantapi.http;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What answers requests, without a port: one at a [HttpServer], many at a [SharedPort]. Thread-safe.
public final class HttpSite implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpSite.class);
    private static final int CLOSE_SECONDS = 5;

    private final ServerState state;
    private final AtomicBoolean closed = new AtomicBoolean();

    HttpSite(ServerState state) {
        this.state = state;
    }

    /// With the usual limits and timeouts, for connections of a [SharedPort].
    ///
    /// @param connections open at once; more are closed as they come, so that one site does not use up the port's
    /// @param tls until [#updateTls]
    /// @param drain how long running requests may take once it stops
    /// @throws IllegalArgumentException when the TLS material is of no use
    public static HttpSite of(ServerTls tls, Duration drain, int connections, HttpHandler handler) {
        var config = new HttpServerConfig("", 0, tls, drain);
        return new HttpSite(new ServerState(config.with(config.limits().withConnections(connections)), handler));
    }

    ServerState state() {
        return state;
    }

    /// New connections use this material; running ones keep theirs.
    public void updateTls(ServerTls tls) {
        state.updateTls(tls);
    }

    /// Ends all streamed answers and tunnels cleanly; connections stay, and what is asked for next is handled.
    public void endStreams() {
        state.endStreams();
    }

    /// Ends streams cleanly, lets running requests finish up to the drain (new ones on open connections get 503), then
    /// closes everything, once clients have had a moment to read. Idempotent.
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        if (!state.drain()) {
            LOG.atWarn().log("stopped with requests still running");
        }
        state.cutAll();
        state.connections().forEach(Farewell::say);
        state.connections().newCloseFuture().awaitUninterruptibly(Farewell.LINGER.toMillis(), TimeUnit.MILLISECONDS);
        state.connections().close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        state.executor().shutdownNow();
    }
}
