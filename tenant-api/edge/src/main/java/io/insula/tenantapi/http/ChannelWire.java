package io.insula.tenantapi.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.util.function.Consumer;
import java.util.function.Function;

/// A connection, or a stream of one, as what a streamed answer goes over.
///
/// @param frame what a chunk becomes on it
/// @param ending sends the clean end, on the event loop
@SuppressWarnings("FutureReturnValueIgnored") // a failed write ends with the channel closed
record ChannelWire(ChannelHandlerContext ctx, Function<ByteBuf, Object> frame, Runnable ending)
        implements ResponseStream.Wire {

    @Override
    public void send(byte[] chunk, Consumer<Boolean> left) {
        ctx.executor()
                .execute(() -> ctx.writeAndFlush(frame.apply(Unpooled.wrappedBuffer(chunk)))
                        .addListener(written -> left.accept(written.isSuccess())));
    }

    @Override
    public void end() {
        ctx.executor().execute(ending);
    }

    @Override
    public void cut() {
        ctx.executor().execute(ctx::close);
    }
}
