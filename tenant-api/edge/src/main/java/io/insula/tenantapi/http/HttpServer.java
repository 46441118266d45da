package io.insula.tenantapi.http;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// One TLS port. Thread-safe. The event loops are the caller's and may serve any number of servers: an idle server
/// has no thread of its own; a request has a virtual one while it is being handled.
public final class HttpServer implements AutoCloseable {

    private static final int CLOSE_SECONDS = 5;

    private final ServerState state;
    private final HttpSite site;
    private final Channel listening;
    private final AtomicBoolean closed = new AtomicBoolean();

    private final Runnable after;

    private HttpServer(ServerState state, Channel listening, Runnable after) {
        this.state = state;
        this.site = new HttpSite(state);
        this.listening = listening;
        this.after = after;
    }

    /// As [#start], on an event loop of its own: for who serves at one port only.
    public static HttpServer startAlone(HttpServerConfig config, HttpHandler handler) {
        var own = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Runnable end = () -> own.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(2L * CLOSE_SECONDS, TimeUnit.SECONDS);
        try {
            return start(config, own, handler, end);
        } catch (RuntimeException e) {
            end.run();
            throw e;
        }
    }

    /// Listens from the moment this returns. `loops` stay the caller's and outlive the server.
    ///
    /// @throws IllegalStateException when the port is taken: the message names it
    /// @throws IllegalArgumentException when the TLS material is of no use
    public static HttpServer start(HttpServerConfig config, EventLoopGroup loops, HttpHandler handler) {
        return start(config, loops, handler, () -> {});
    }

    private static HttpServer start(
            HttpServerConfig config, EventLoopGroup loops, HttpHandler handler, Runnable after) {
        var state = new ServerState(config, handler);
        try {
            Channel listening = Listener.listen(config.address(), config.port(), loops, new ConnectionSetup(state));
            return new HttpServer(state, listening, after);
        } catch (IllegalStateException e) {
            state.executor().shutdownNow();
            throw e;
        }
    }

    public int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /// For a peer in the same process.
    ///
    /// @param shown its certificate, with what else leads from there to an authority; taken as the handshake would
    public NearPeer near(List<X509Certificate> shown) {
        return new NearPeer(state, shown);
    }

    /// TLS handshakes that have failed since it listens.
    public long handshakeErrors() {
        return state.handshakeErrors();
    }

    /// Whether no request runs and nothing is held for any client.
    boolean isIdle() {
        return state.isIdle();
    }

    /// New connections use this material; running ones keep theirs.
    public void updateTls(ServerTls tls) {
        site.updateTls(tls);
    }

    /// Ends all streamed answers and tunnels cleanly; connections stay, and what is asked for next is handled.
    public void endStreams() {
        site.endStreams();
    }

    /// Stops accepting, ends streams cleanly, lets running requests finish up to the configured drain (new ones on
    /// open connections get 503), then closes everything, once clients have had a moment to read. Idempotent.
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        listening.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        site.close();
        after.run();
    }
}
