package io.insula.tenantapi.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPOutputStream;

/// Answers one request over Netty. Thread-safe; the first answer wins.
@SuppressWarnings("FutureReturnValueIgnored") // a failed write ends with the channel closed
final class NettyResponder implements HttpResponder {

    /// Source: kubernetes/apiserver, `defaultGzipThresholdBytes`.
    private static final int GZIP_BYTES = 128 * 1024;

    private final Channel channel;
    private final io.netty.handler.codec.http.HttpRequest request;
    private final Runnable next;
    private final AtomicBoolean answered = new AtomicBoolean();

    /// @param next runs when the answer is out and the connection can take another request
    NettyResponder(Channel channel, io.netty.handler.codec.http.HttpRequest request, Runnable next) {
        this.channel = channel;
        this.request = request;
        this.next = next;
    }

    boolean webSocketAsked() {
        return isHttp1()
                && request.headers().containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
                && request.headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true);
    }

    @Override
    public void send(int status, Map<String, List<String>> headers, byte[] body) {
        if (!answered.compareAndSet(false, true)) {
            throw new IllegalStateException("answered twice");
        }
        boolean zipped = body.length >= GZIP_BYTES && clientTakesGzip();
        byte[] bytes = zipped ? gzip(body) : body;
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), Unpooled.wrappedBuffer(bytes));
        headers.forEach((name, values) -> response.headers().add(name, values));
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
        if (zipped) {
            response.headers().set(HttpHeaderNames.CONTENT_ENCODING, HttpHeaderValues.GZIP);
        }
        finish(channel.writeAndFlush(response), response);
    }

    @Override
    public BodyStream stream(int status, Map<String, List<String>> headers) {
        if (!answered.compareAndSet(false, true)) {
            throw new IllegalStateException("answered twice");
        }
        if (webSocketAsked() && status == 200) {
            return WebSocketStream.open(channel, RequestReader.whole(request));
        }
        var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
        headers.forEach((name, values) -> response.headers().add(name, values));
        if (isHttp1()) {
            HttpUtil.setTransferEncodingChunked(response, true);
        }
        channel.writeAndFlush(response);
        // A client that half-closes or goes away while streaming must be noticed: keep reading.
        channel.config().setAutoRead(true);
        return new ChunkStream(channel, isHttp1());
    }

    /// Sends a bare 500 where the handler ended without an answer.
    void answeredOrFail() {
        if (!answered.get()) {
            send(
                    500,
                    Map.of("Content-Type", List.of("application/json")),
                    StatusText.of(HttpResponseStatus.INTERNAL_SERVER_ERROR, "Internal error occurred"));
        }
    }

    private void finish(ChannelFuture written, DefaultFullHttpResponse response) {
        if (!isHttp1()) {
            return;
        }
        boolean keep = HttpUtil.isKeepAlive(request);
        if (!keep) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        written.addListener(done -> {
            if (keep && done.isSuccess()) {
                next.run();
            } else {
                channel.close();
            }
        });
    }

    private boolean isHttp1() {
        return channel.pipeline().get(HttpServerCodec.class) != null;
    }

    private boolean clientTakesGzip() {
        String accepted = request.headers().get(HttpHeaderNames.ACCEPT_ENCODING, "");
        return accepted.contains("gzip") && !accepted.contains("gzip;q=0");
    }

    private static byte[] gzip(byte[] body) {
        var out = new ByteArrayOutputStream(body.length / 4);
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
