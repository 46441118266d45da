package io.insula.tenantapi.http;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// The body of a streamed answer. Counts what waits for the peer and gives up on one that is too slow, so that a
/// client that stopped reading costs a bounded amount of memory. Thread-safe: guarded by itself, under which writes
/// also take their place in the wire's queue, so that nothing follows the end.
final class ResponseStream implements HttpResponder.BodyStream {

    /// Where the bytes go, in order. None of it blocks, nor calls the stream back at once.
    interface Wire {

        /// @param left hears when they have left, or cannot (false)
        void send(byte[] chunk, Consumer<Boolean> left);

        /// The clean end.
        void end();

        /// The end by which the peer sees that something is missing.
        void cut();
    }

    private final HttpLimits limits;
    private final Connection connection;
    private final Wire wire;
    private List<Runnable> actions = List.of();
    private long waitingBytes;
    private boolean ended;

    ResponseStream(HttpLimits limits, Connection connection, Wire wire) {
        this.limits = limits;
        this.connection = connection;
        this.wire = wire;
    }

    @Override
    public boolean write(byte[] chunk) {
        synchronized (this) {
            if (ended) {
                return false;
            }
            if (chunk.length == 0) {
                return true;
            }
            waitingBytes += chunk.length;
            if (connection.waiting(chunk.length) && waitingBytes <= limits.streamBytes()) {
                wire.send(chunk, sent -> left(chunk.length, sent));
                return true;
            }
            connection.waiting(-chunk.length);
        }
        abort();
        return false;
    }

    private void left(int bytes, boolean sent) {
        connection.waiting(-bytes);
        synchronized (this) {
            waitingBytes -= bytes;
            notifyAll();
        }
        if (!sent) {
            abort();
        }
    }

    @Override
    public boolean awaitRoom(Duration patience) throws InterruptedException {
        synchronized (this) {
            long end = System.nanoTime() + patience.toNanos();
            while (!ended && waitingBytes > limits.streamBytes() / 2) {
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return false;
                }
                wait(left);
            }
            return !ended;
        }
    }

    @Override
    public void onClose(Runnable action) {
        synchronized (this) {
            if (!ended) {
                actions = Stream.concat(actions.stream(), Stream.of(action)).toList();
                return;
            }
        }
        run(action);
    }

    @Override
    public void close() {
        finish(true);
    }

    /// The peer is gone: nothing more to say.
    void gone() {
        finish(false);
    }

    @Override
    public void abort() {
        if (finish(false)) {
            wire.cut();
        }
    }

    private boolean finish(boolean cleanly) {
        List<Runnable> waiting;
        synchronized (this) {
            if (ended) {
                return false;
            }
            ended = true;
            waiting = actions;
            actions = List.of();
            notifyAll();
            if (cleanly) {
                wire.end();
            }
        }
        waiting.forEach(ResponseStream::run);
        return true;
    }

    /// Off the event loop: an action may block.
    private static void run(Runnable action) {
        Thread.ofVirtual().name("http-stream-ended").start(action);
    }
}
