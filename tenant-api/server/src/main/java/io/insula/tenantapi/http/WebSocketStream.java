package io.insula.tenantapi.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;

/// A body as WebSocket messages, one per write.
@SuppressWarnings("FutureReturnValueIgnored") // a failed write ends with the channel closed
final class WebSocketStream extends ChannelStream {

    private static final int FRAME_BYTES = 64 * 1024;

    private WebSocketStream(Channel channel) {
        super(channel);
    }

    /// Upgrades the connection: writes queue behind the 101 answer.
    static WebSocketStream open(Channel channel, DefaultFullHttpRequest request) {
        var stream = new WebSocketStream(channel);
        channel.eventLoop().execute(() -> {
            var handshaker = new WebSocketServerHandshakerFactory("", null, true, FRAME_BYTES).newHandshaker(request);
            if (handshaker == null) {
                WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(channel)
                        .addListener(done -> channel.close());
                return;
            }
            try {
                handshaker.handshake(channel, request);
                channel.config().setAutoRead(true);
            } catch (WebSocketHandshakeException e) {
                channel.close();
            }
        });
        return stream;
    }

    @Override
    Object frame(byte[] chunk) {
        int length = chunk.length > 0 && chunk[chunk.length - 1] == '\n' ? chunk.length - 1 : chunk.length;
        return new TextWebSocketFrame(Unpooled.wrappedBuffer(chunk, 0, length));
    }

    @Override
    void finish() {
        channel.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
                .addListener(done -> channel.close());
    }
}
