package io.insula.tenantapi.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.LastHttpContent;

/// A body in HTTP/1.1 chunks or h2 data frames. An HTTP/1.1 connection ends with it: its request was long-running.
@SuppressWarnings("FutureReturnValueIgnored") // a failed write ends with the channel closed
final class ChunkStream extends ChannelStream {

    private final boolean closeConnection;

    ChunkStream(Channel channel, boolean closeConnection) {
        super(channel);
        this.closeConnection = closeConnection;
    }

    @Override
    Object frame(byte[] chunk) {
        return new DefaultHttpContent(Unpooled.wrappedBuffer(chunk));
    }

    @Override
    void finish() {
        channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT).addListener(done -> {
            if (closeConnection) {
                channel.close();
            }
        });
    }
}
