package io.insula.tenantapi.http;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.tunnel.Tunnel;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http2.Http2StreamChannel;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One request and its answer. It has ended when its handler has returned and its answer has left (or has
/// nobody left to go to). Thread-safe: answering is decided by one flag, writing happens on the event loop.
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, where we hear of it
final class HttpExchange implements HttpResponder, Runnable, ServerState.Running {

    private static final Logger LOG = LoggerFactory.getLogger(HttpExchange.class);

    private final ServerState state;
    private final ChannelHandlerContext ctx;
    private final Connection connection;
    private final boolean asksToStay;
    private final boolean http10;
    /// Until the handler has returned.
    private volatile io.netty.handler.codec.http.@Nullable HttpRequest head;

    private volatile HttpRequest request;
    private final RequestReader reader;
    private final long reservedBytes;
    private final AtomicBoolean answered = new AtomicBoolean();
    private final AtomicBoolean out = new AtomicBoolean();
    private final AtomicInteger openParts = new AtomicInteger(2);
    private volatile @Nullable ResponseStream stream;
    private volatile @Nullable ClientTunnel tunnel;

    /// @param reservedBytes of the body, given back when the handler has returned
    HttpExchange(
            ServerState state,
            ChannelHandlerContext ctx,
            Connection connection,
            io.netty.handler.codec.http.HttpRequest head,
            HttpRequest request,
            RequestReader reader,
            long reservedBytes) {
        this.state = state;
        this.ctx = ctx;
        this.connection = connection;
        this.head = head;
        asksToStay = HttpUtil.isKeepAlive(head);
        http10 = head.protocolVersion().equals(HttpVersion.HTTP_1_0);
        this.request = request;
        this.reader = reader;
        this.reservedBytes = reservedBytes;
    }

    /// Calls the handler, on a thread of this request's own.
    @Override
    public void run() {
        try {
            handle();
        } catch (RuntimeException | Error e) {
            LOG.atError().setCause(e).addKeyValue("path", request.path()).log("request handler failed");
        } finally {
            if (answered.compareAndSet(false, true)) {
                sendStatus(ApiException.internal("the request was not answered", null));
            }
            handled();
            if (stream != null) {
                // it may go on for hours
                head = null;
                request = HttpRequest.FORGOTTEN;
            }
        }
    }

    private void handle() {
        if (!state.draining()) {
            state.handler().handle(request, this);
        } else if (answered.compareAndSet(false, true)) {
            sendStatus(ApiException.unavailable("apiserver is shutting down"));
        }
    }

    /// The handler will not do any more.
    void handled() {
        state.releaseBody(reservedBytes);
        partDone();
    }

    @Override
    public void send(int status, Map<String, List<String>> headers, byte[] body) {
        claim();
        sendNow(status, headers, body);
    }

    @Override
    public BodyStream stream(int status, Map<String, List<String>> headers) {
        claim();
        var asked = head;
        boolean webSocket = request.webSocket() && status == 200 && asked != null;
        boolean binary = WebSockets.isBinary(headers);
        var opened = new ResponseStream(
                state.config().limits(),
                connection,
                webSocket
                        ? new ChannelWire(ctx, bytes -> WebSockets.message(bytes, binary), this::endWebSocket)
                        : new ChannelWire(ctx, DefaultHttpContent::new, this::endBody));
        stream = opened;
        if (request.method().equals("HEAD")) {
            ctx.executor().execute(() -> sendHead(status, headers));
            opened.gone();
        } else if (webSocket) {
            ctx.executor().execute(() -> WebSockets.upgrade(ctx, Objects.requireNonNull(asked), headers));
        } else {
            ctx.executor().execute(() -> ctx.writeAndFlush(streamHead(status, headers)));
        }
        if (!ctx.channel().isActive()) {
            opened.gone();
        } else if (state.draining()) {
            opened.close();
        }
        return opened;
    }

    @Override
    public Tunnel upgrade(Map<String, List<String>> headers) {
        if (isHttp2() || !request.asksForUpgrade()) {
            throw ApiException.badRequest("unable to upgrade: missing upgrade headers in request");
        }
        claim();
        var opened = new ClientTunnel(ctx.channel(), connection, this::left);
        tunnel = opened;
        ctx.executor().execute(() -> reader.upgraded(ctx, opened, upgradeHead(headers)));
        if (!ctx.channel().isActive() || state.draining()) {
            opened.close();
        }
        return opened;
    }

    @Override
    public void endStream() {
        ResponseStream open = stream;
        if (open != null) {
            open.close();
        }
        ClientTunnel upgraded = tunnel;
        if (upgraded != null) {
            upgraded.close();
        }
    }

    /// With its connection.
    @Override
    public void cut() {}

    /// The channel is closed. On the event loop.
    void peerGone() {
        ResponseStream open = stream;
        if (open != null) {
            open.gone();
        }
        left();
    }

    private void claim() {
        if (!answered.compareAndSet(false, true)) {
            throw new IllegalStateException("answered twice: " + request.method() + " " + request.path());
        }
    }

    private void left() {
        if (out.compareAndSet(false, true)) {
            partDone();
        }
    }

    private void partDone() {
        if (openParts.decrementAndGet() == 0) {
            state.ended(this);
        }
    }

    private void sendStatus(ApiException error) {
        sendNow(error.code(), Refusals.headers(error.status()), Json.bytes(error.status()));
    }

    private void sendNow(int status, Map<String, List<String>> headers, byte[] body) {
        boolean zip = Gzip.fits(request, headers, body);
        byte[] bytes = zip ? Gzip.of(body) : body;
        boolean empty = request.method().equals("HEAD");
        var answer = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(status),
                empty ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(bytes));
        fill(answer, headers);
        if (zip) {
            answer.headers().set(HttpHeaderNames.CONTENT_ENCODING, HttpHeaderValues.GZIP);
            answer.headers().add(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT_ENCODING);
        }
        if (status != HttpResponseStatus.NO_CONTENT.code() && status != HttpResponseStatus.NOT_MODIFIED.code()) {
            answer.headers().set(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
        }
        connection.waiting(answer.content().readableBytes());
        ctx.executor().execute(() -> write(answer));
    }

    private void sendHead(int status, Map<String, List<String>> headers) {
        var answer = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), Unpooled.EMPTY_BUFFER);
        fill(answer, headers);
        write(answer);
    }

    private void write(FullHttpResponse answer) {
        boolean keep = keepAlive();
        connectionHeader(answer, keep);
        int length = answer.content().readableBytes();
        reader.answering(ctx);
        ctx.writeAndFlush(answer).addListener(_ -> {
            connection.waiting(-length);
            left();
            reader.answered(ctx, keep);
        });
    }

    private static DefaultFullHttpResponse upgradeHead(Map<String, List<String>> headers) {
        var answer = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
        fill(answer, headers);
        return answer;
    }

    private DefaultHttpResponse streamHead(int status, Map<String, List<String>> headers) {
        var answer = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
        fill(answer, headers);
        answer.headers().remove(HttpHeaderNames.CONTENT_LENGTH);
        // HTTP/1.0 knows no chunks: there the end of the connection is the end of the body
        connectionHeader(answer, keepAlive() && !isHttp10());
        if (!isHttp10()) {
            HttpUtil.setTransferEncodingChunked(answer, true);
        }
        return answer;
    }

    private void endBody() {
        boolean keep = keepAlive() && !isHttp10();
        ended(ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT), keep);
    }

    private void endWebSocket() {
        ended(ctx.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE)), false);
    }

    private void ended(ChannelFuture written, boolean keep) {
        reader.answering(ctx);
        written.addListener(_ -> {
            left();
            reader.answered(ctx, keep);
        });
    }

    private boolean keepAlive() {
        return asksToStay && !state.draining();
    }

    /// The answer is HTTP/1.1 whatever was asked: an HTTP/1.0 client must be told that the connection stays.
    private void connectionHeader(HttpResponse answer, boolean keep) {
        if (isHttp2()) {
            return;
        }
        if (!keep) {
            answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (isHttp10()) {
            answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
    }

    private static void fill(HttpResponse answer, Map<String, List<String>> headers) {
        headers.forEach((name, values) -> answer.headers().set(name, values));
        answer.headers().set(HttpHeaderNames.DATE, Refusals.date());
    }

    private boolean isHttp10() {
        return http10;
    }

    private boolean isHttp2() {
        return ctx.channel() instanceof Http2StreamChannel;
    }
}
