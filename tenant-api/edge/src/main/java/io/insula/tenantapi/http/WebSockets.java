package io.insula.tenantapi.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// What a streamed answer is on a WebSocket. Source: RFC 6455.
@SuppressWarnings("FutureReturnValueIgnored") // a failed handshake ends with the channel closed
final class WebSockets {

    /// What a client may send in one frame; it has nothing to say on a watch.
    private static final int FRAME_BYTES = 64 * 1024;

    /// What a client names that wants the bytes as they are. Source: kubernetes, `wsstream`.
    private static final String BINARY = "binary.k8s.io";

    private static final Set<String> KEPT = headerNames("Audit-Id", "Warning");

    private WebSockets() {}

    /// Sends the 101 answer and speaks frames from then on. On the event loop.
    static void upgrade(
            ChannelHandlerContext ctx,
            io.netty.handler.codec.http.HttpRequest head,
            Map<String, List<String>> headers) {
        String protocols = isBinary(headers) ? BINARY : "";
        var response = new DefaultHttpHeaders();
        headers.forEach((name, values) -> {
            if (KEPT.contains(name)) {
                response.add(name, values);
            }
        });
        response.set(HttpHeaderNames.DATE, Refusals.date());
        var decoding = WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(FRAME_BYTES)
                .build();
        var full = new DefaultFullHttpRequest(
                head.protocolVersion(),
                head.method(),
                head.uri(),
                Unpooled.EMPTY_BUFFER,
                head.headers(),
                EmptyHttpHeaders.INSTANCE);
        // the URL is only echoed in the old drafts of the protocol
        new WebSocketServerHandshaker13("", protocols, decoding)
                .handshake(ctx.channel(), full, response, ctx.channel().newPromise());
    }

    /// Whether an answer is bytes, as a log is: events of a watch in JSON are texts, one a message.
    static boolean isBinary(Map<String, List<String>> headers) {
        return headers.getOrDefault("Content-Type", List.of()).stream()
                .anyMatch(type -> type.contains("protobuf") || type.startsWith("text/plain"));
    }

    /// One chunk as one message; the line end of a text is not part of it.
    static WebSocketFrame message(ByteBuf chunk, boolean binary) {
        if (binary) {
            return new BinaryWebSocketFrame(chunk);
        }
        int last = chunk.writerIndex() - 1;
        return new TextWebSocketFrame(
                last >= chunk.readerIndex() && chunk.getByte(last) == '\n' ? chunk.writerIndex(last) : chunk);
    }

    private static Set<String> headerNames(String... names) {
        var set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        set.addAll(List.of(names));
        return set;
    }
}
