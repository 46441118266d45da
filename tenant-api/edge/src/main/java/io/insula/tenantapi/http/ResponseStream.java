package io.insula.tenantapi.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/// The body of a streamed answer. Counts what waits for the peer and gives up on one that is too slow, so that a
/// client that stopped reading costs a bounded amount of memory. Thread-safe: guarded by itself, under which writes
/// also take their place in the event loop's queue, so that nothing follows the end.
@SuppressWarnings("FutureReturnValueIgnored") // a failed write ends with the channel closed
final class ResponseStream implements HttpResponder.BodyStream {

    private final ChannelHandlerContext ctx;
    private final HttpLimits limits;
    private final Connection connection;
    private final Function<ByteBuf, Object> frame;
    private final Runnable end;
    private List<Runnable> actions = List.of();
    private long waitingBytes;
    private boolean ended;

    /// @param frame what a chunk becomes on the wire
    /// @param end sends the clean end, on the event loop
    ResponseStream(
            ChannelHandlerContext ctx,
            HttpLimits limits,
            Connection connection,
            Function<ByteBuf, Object> frame,
            Runnable end) {
        this.ctx = ctx;
        this.limits = limits;
        this.connection = connection;
        this.frame = frame;
        this.end = end;
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
                ctx.executor().execute(() -> send(chunk));
                return true;
            }
            connection.waiting(-chunk.length);
        }
        abort();
        return false;
    }

    private void send(byte[] chunk) {
        ctx.writeAndFlush(frame.apply(Unpooled.wrappedBuffer(chunk))).addListener(written -> {
            connection.waiting(-chunk.length);
            left(chunk.length);
            if (!written.isSuccess()) {
                abort();
            }
        });
    }

    private void left(int bytes) {
        synchronized (this) {
            waitingBytes -= bytes;
            notifyAll();
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
            ctx.executor().execute(ctx::close);
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
                ctx.executor().execute(end);
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
