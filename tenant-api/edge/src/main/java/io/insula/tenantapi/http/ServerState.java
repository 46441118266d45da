package io.insula.tenantapi.http;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What all connections of one server share. Thread-safe; `lock` only carries the news that nothing runs any more.
@SuppressWarnings("FutureReturnValueIgnored") // a failed write ends with the channel closed
final class ServerState {

    /// A request that is not over.
    interface Running {

        /// Ends the answer cleanly if it is a stream.
        void endStream();

        /// Nobody waits for its end any more.
        void cut();
    }

    private final HttpServerConfig config;
    private final HttpHandler handler;
    private final ExecutorService executor = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("http-", 0).factory());
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final Set<Running> running = ConcurrentHashMap.newKeySet();
    private final AtomicLong bodyBytes = new AtomicLong();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicLong handshakeErrors = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private volatile TlsState tls;
    private volatile boolean draining;

    ServerState(HttpServerConfig config, HttpHandler handler) {
        this.config = config;
        this.handler = handler;
        this.tls = TlsState.of(config.tls());
    }

    HttpServerConfig config() {
        return config;
    }

    HttpHandler handler() {
        return handler;
    }

    /// One virtual thread per request.
    ExecutorService executor() {
        return executor;
    }

    ChannelGroup connections() {
        return connections;
    }

    TlsState tls() {
        return tls;
    }

    void updateTls(ServerTls material) {
        tls = TlsState.of(material);
    }

    boolean draining() {
        return draining;
    }

    /// Makes room for bytes of a request's body; to be given back by [#releaseBody].
    ///
    /// @return false when all bodies together would be too much
    boolean reserveBody(int bytes) {
        if (bodyBytes.addAndGet(bytes) <= config.limits().bodiesBytes()) {
            return true;
        }
        bodyBytes.addAndGet(-bytes);
        return false;
    }

    void releaseBody(long bytes) {
        bodyBytes.addAndGet(-bytes);
    }

    /// Counts bytes on their way to any peer.
    ///
    /// @return how many wait now
    long waiting(long bytes) {
        return waitingBytes.addAndGet(bytes);
    }

    /// Whether nothing runs and nothing is held for anybody.
    boolean isIdle() {
        return running.isEmpty() && bodyBytes.get() == 0 && waitingBytes.get() == 0;
    }

    void handshakeFailed() {
        handshakeErrors.incrementAndGet();
    }

    long handshakeErrors() {
        return handshakeErrors.get();
    }

    void began(Running exchange) {
        running.add(exchange);
    }

    void ended(Running exchange) {
        running.remove(exchange);
        if (draining && running.isEmpty()) {
            lock.lock();
            try {
                idle.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    void endStreams() {
        List.copyOf(running).forEach(Running::endStream);
    }

    /// What has not ended when it should have.
    void cutAll() {
        List.copyOf(running).forEach(Running::cut);
    }

    /// Refuses new requests, ends streams cleanly and waits until every running answer has left.
    ///
    /// @return false when some were still running at the deadline
    boolean drain() {
        draining = true;
        connections.forEach(ServerState::sayGoAway);
        endStreams();
        lock.lock();
        try {
            long left = config.drain().toNanos();
            while (!running.isEmpty() && left > 0) {
                left = idle.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        return running.isEmpty();
    }

    /// Clients of h2 open another connection for what comes next.
    private static void sayGoAway(Channel connection) {
        if (connection.pipeline().get(Http2FrameCodec.class) != null) {
            connection.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
        }
    }
}
