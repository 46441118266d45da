package io.insula.tenantapi.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Collects one request at a time from an HTTP/1.1 connection or an h2 stream and hands it to the handler. While a
/// request
/// is being answered nothing more is read, so pipelined requests are answered in order. Confined to the event loop.
@SuppressWarnings("FutureReturnValueIgnored") // a failed write ends with the channel closed
final class RequestReader extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(RequestReader.class);

    /// From the first byte of a request (or the start of the connection) to its last.
    private static final int REQUEST_SECONDS = 60;

    private final HttpHandler handler;
    private final Executor executor;
    private final RunningRequests running;

    private io.netty.handler.codec.http.@Nullable HttpRequest head;
    private ByteBuf body = Unpooled.EMPTY_BUFFER;
    private boolean skipping;
    private @Nullable ScheduledFuture<?> deadline;

    RequestReader(HttpHandler handler, Executor executor, RunningRequests running) {
        this.handler = handler;
        this.executor = executor;
        this.running = running;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        deadline = ctx.executor().schedule(() -> ctx.close(), REQUEST_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stopDeadline();
        body.release();
        body = Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            switch (message) {
                case WebSocketFrame frame -> webSocket(ctx, frame);
                case io.netty.handler.codec.http.HttpObject part -> http(ctx, part);
                default -> {}
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void http(ChannelHandlerContext ctx, io.netty.handler.codec.http.HttpObject part) {
        if (part.decoderResult().isFailure()) {
            refuse(ctx, HttpResponseStatus.BAD_REQUEST, "malformed request");
            return;
        }
        if (part instanceof io.netty.handler.codec.http.HttpRequest request) {
            begin(ctx, request);
        }
        if (part instanceof HttpContent content && !skipping) {
            append(ctx, content);
            if (content instanceof LastHttpContent && !skipping) {
                finish(ctx);
            }
        }
    }

    private void begin(ChannelHandlerContext ctx, io.netty.handler.codec.http.HttpRequest request) {
        head = request;
        body = ctx.alloc().buffer();
        if (HttpUtil.getContentLength(request, 0L) > HttpServerConfig.MAX_BODY_BYTES) {
            tooLarge(ctx);
        } else if (HttpUtil.is100ContinueExpected(request)) {
            ctx.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
        }
    }

    private void append(ChannelHandlerContext ctx, HttpContent content) {
        if (body.readableBytes() + content.content().readableBytes() > HttpServerConfig.MAX_BODY_BYTES) {
            tooLarge(ctx);
        } else {
            body.writeBytes(content.content());
        }
    }

    private void tooLarge(ChannelHandlerContext ctx) {
        refuse(
                ctx,
                HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                "Request entity too large: limit is " + HttpServerConfig.MAX_BODY_BYTES);
    }

    private void finish(ChannelHandlerContext ctx) {
        stopDeadline();
        var request = head;
        if (request == null) {
            return;
        }
        byte[] bytes = new byte[body.readableBytes()];
        body.readBytes(bytes);
        body.release();
        body = Unpooled.EMPTY_BUFFER;
        head = null;
        ctx.channel().config().setAutoRead(false);
        var responder = new NettyResponder(ctx.channel(), request, () -> next(ctx));
        HttpRequest read = read(ctx.channel(), request, bytes, responder.webSocketAsked());
        running.began();
        try {
            executor.execute(() -> handle(read, responder));
        } catch (RejectedExecutionException e) {
            running.ended();
            ctx.close();
        }
    }

    private void handle(HttpRequest request, NettyResponder responder) {
        try {
            handler.handle(request, responder);
            responder.answeredOrFail();
        } catch (RuntimeException | Error e) {
            LOG.atError().addKeyValue("path", request.path()).setCause(e).log("request handler failed");
            responder.answeredOrFail();
        } finally {
            running.ended();
        }
    }

    /// After an answer on a connection that stays open.
    private void next(ChannelHandlerContext ctx) {
        ctx.channel().eventLoop().execute(() -> ctx.channel().config().setAutoRead(true));
    }

    private static HttpRequest read(
            Channel channel, io.netty.handler.codec.http.HttpRequest request, byte[] body, boolean webSocket) {
        Connection connection = connection(channel);
        String uri = request.uri();
        int query = uri.indexOf('?');
        Map<String, List<String>> headers = new HashMap<>();
        request.headers()
                .forEach(header -> headers.computeIfAbsent(
                                header.getKey().toLowerCase(Locale.ROOT), name -> new ArrayList<>())
                        .add(header.getValue()));
        return new HttpRequest(
                request.method().name(),
                query < 0 ? uri : uri.substring(0, query),
                query < 0 ? "" : uri.substring(query + 1),
                headers,
                body,
                connection.remoteAddress(),
                connection.clientCertificates(),
                webSocket);
    }

    private static Connection connection(Channel channel) {
        Connection own = channel.attr(Connection.KEY).get();
        if (own != null) {
            return own;
        }
        Connection parents = channel.parent() == null
                ? null
                : channel.parent().attr(Connection.KEY).get();
        return parents != null ? parents : new Connection("", List.of());
    }

    private void webSocket(ChannelHandlerContext ctx, WebSocketFrame frame) {
        switch (frame) {
            case PingWebSocketFrame ping ->
                ctx.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
            case CloseWebSocketFrame close -> ctx.writeAndFlush(close.retain()).addListener(done -> ctx.close());
            default -> {}
        }
    }

    /// Answers without asking the handler and gives the connection up: what follows cannot be trusted.
    private void refuse(ChannelHandlerContext ctx, HttpResponseStatus status, String message) {
        skipping = true;
        stopDeadline();
        byte[] text = StatusText.of(status, message);
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(text));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .set(HttpHeaderNames.CONTENT_LENGTH, text.length);
        if (ctx.channel().parent() == null || connectionIsHttp1(ctx)) {
            response.headers().set(HttpHeaderNames.CONNECTION, "close");
        }
        ctx.writeAndFlush(response)
                .addListener(done -> ctx.executor().schedule(() -> ctx.close(), 1, TimeUnit.SECONDS));
    }

    private static boolean connectionIsHttp1(ChannelHandlerContext ctx) {
        return ctx.pipeline().get(io.netty.handler.codec.http.HttpServerCodec.class) != null;
    }

    private void stopDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    /// The request as a WebSocket handshake wants it.
    static DefaultFullHttpRequest whole(io.netty.handler.codec.http.HttpRequest request) {
        return new DefaultFullHttpRequest(
                request.protocolVersion(),
                request.method(),
                request.uri(),
                Unpooled.EMPTY_BUFFER,
                request.headers(),
                io.netty.handler.codec.http.EmptyHttpHeaders.INSTANCE);
    }
}
