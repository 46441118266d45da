package io.insula.tenantapi.http;

import io.netty.channel.Channel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/// A streamed body on a channel: counts what is on its way and gives up on peers that do not read. Thread-safe.
@SuppressWarnings("FutureReturnValueIgnored") // a failed write ends with the channel closed
abstract class ChannelStream implements HttpResponder.BodyStream {

    /// More than this on its way to one peer means that it does not read.
    static final long PENDING_BYTES = 8L * 1024 * 1024;

    final Channel channel;
    private final AtomicLong pending = new AtomicLong();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    ChannelStream(Channel channel) {
        this.channel = channel;
        channel.closeFuture().addListener(closed -> ended.complete(null));
    }

    /// Wraps bytes for the protocol.
    abstract Object frame(byte[] chunk);

    /// Ends the body on a live channel.
    abstract void finish();

    @Override
    public boolean write(byte[] chunk) {
        if (ended.isDone() || !channel.isActive()) {
            return false;
        }
        if (pending.addAndGet(chunk.length) > PENDING_BYTES) {
            ended.complete(null);
            channel.close();
            return false;
        }
        channel.writeAndFlush(frame(chunk)).addListener(done -> pending.addAndGet(-chunk.length));
        return true;
    }

    @Override
    public void onClose(Runnable action) {
        ended.thenRun(action);
    }

    @Override
    public void close() {
        if (ended.complete(null) && channel.isActive()) {
            finish();
        }
    }
}
