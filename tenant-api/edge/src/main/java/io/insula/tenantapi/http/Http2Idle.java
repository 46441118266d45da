package io.insula.tenantapi.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Closes h2 connections on which no stream has been open for a while; pings do not keep one alive. One timer per
/// connection, whatever its traffic. Confined to the event loop.
@SuppressWarnings("FutureReturnValueIgnored") // a failed close ends the channel, where we hear of it
final class Http2Idle extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(Http2Idle.class);

    private final Http2FrameCodec codec;
    private final long idleNanos;
    private long idleSince = System.nanoTime();
    private @Nullable ScheduledFuture<?> timer;

    Http2Idle(Http2FrameCodec codec, Duration idle) {
        this.codec = codec;
        this.idleNanos = idle.toNanos();
        codec.connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                idleSince = System.nanoTime();
            }
        });
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        lookAgain(ctx, idleNanos);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void lookAgain(ChannelHandlerContext ctx, long nanos) {
        timer = ctx.executor().schedule(() -> look(ctx), nanos, TimeUnit.NANOSECONDS);
    }

    private void look(ChannelHandlerContext ctx) {
        long idle = System.nanoTime() - idleSince;
        if (codec.connection().numActiveStreams() > 0) {
            lookAgain(ctx, idleNanos);
        } else if (idle >= idleNanos) {
            ctx.close();
        } else {
            lookAgain(ctx, idleNanos - idle);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.atDebug().setCause(cause).log("connection failed");
        ctx.close();
    }
}
