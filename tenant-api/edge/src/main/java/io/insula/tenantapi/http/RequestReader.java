package io.insula.tenantapi.http;

import io.insula.tenantapi.api.ApiException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gathers whole requests of one HTTP/1.1 connection or one h2 stream and hands them on, one at a time. What a
/// client pipelines waits here until the answer before it has left: the decoder may have read it long before, so
/// that not to read any more would not be enough. Each step has a deadline. Confined to the event loop.
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, where we hear of it
final class RequestReader extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(RequestReader.class);

    /// From here on the connection is not read: a peer that leaves is noticed later, but cannot fill our memory.
    private static final int PIPELINED_PARTS = 16;

    private enum Phase {
        HEADER,
        BODY,
        HANDLING,
        DISCARDING
    }

    private final ServerState state;
    private final Connection connection;
    private final boolean http2;
    /// Null until a client pipelines: few do, and open watches are many.
    private @Nullable Queue<HttpObject> pipelined;

    private Phase phase = Phase.HEADER;
    private io.netty.handler.codec.http.@Nullable HttpRequest head;
    private @Nullable ByteArrayOutputStream body;
    private long reservedBytes;
    private @Nullable HttpExchange exchange;
    private @Nullable ScheduledFuture<?> timer;

    RequestReader(ServerState state, Connection connection, boolean http2) {
        this.state = state;
        this.connection = connection;
        this.http2 = http2;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        closeAfter(ctx, state.config().timeouts().header());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof WebSocketFrame frame) {
            webSocketFrame(ctx, frame);
        } else if (message instanceof HttpObject part) {
            if (phase == Phase.HANDLING) {
                queue(ctx, part);
            } else {
                take(ctx, part);
            }
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    private void queue(ChannelHandlerContext ctx, HttpObject part) {
        Queue<HttpObject> waiting = pipelined == null ? new ArrayDeque<>() : pipelined;
        pipelined = waiting;
        waiting.add(part);
        if (waiting.size() >= PIPELINED_PARTS) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    private void take(ChannelHandlerContext ctx, HttpObject part) {
        try {
            if (phase == Phase.DISCARDING) {
                return;
            }
            if (part.decoderResult().isFailure()) {
                // of a broken head the decoder makes up another; a broken body has a head of its own
                malformed(ctx, head, part.decoderResult().cause());
                return;
            }
            if (part instanceof io.netty.handler.codec.http.HttpRequest request) {
                begin(ctx, request);
            }
            if (part instanceof HttpContent content && phase == Phase.BODY) {
                append(ctx, content);
            }
        } finally {
            ReferenceCountUtil.release(part);
        }
    }

    private void begin(ChannelHandlerContext ctx, io.netty.handler.codec.http.HttpRequest request) {
        var fault = Requests.fault(request, http2);
        if (fault.isPresent()) {
            refuse(ctx, request, fault.get().status(), fault.get().message());
            return;
        }
        if (HttpUtil.getContentLength(request, 0L) > state.config().limits().bodyBytes()) {
            refuse(ctx, request, tooLarge());
            return;
        }
        if (HttpUtil.is100ContinueExpected(request)) {
            ctx.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
        }
        head = request;
        phase = Phase.BODY;
        closeAfter(ctx, state.config().timeouts().body());
    }

    private void append(ChannelHandlerContext ctx, HttpContent content) {
        ByteBuf bytes = content.content();
        int length = bytes.readableBytes();
        if (reservedBytes + length > state.config().limits().bodyBytes()) {
            refuse(ctx, head, tooLarge());
            return;
        }
        if (!state.reserveBody(length)) {
            refuse(ctx, head, tooMany());
            return;
        }
        reservedBytes += length;
        if (content instanceof LastHttpContent) {
            dispatch(ctx, whole(bytes));
        } else if (length > 0) {
            if (body == null) {
                body = new ByteArrayOutputStream(length);
            }
            read(bytes, body);
        }
    }

    private byte[] whole(ByteBuf last) {
        ByteArrayOutputStream before = body;
        if (before == null) {
            byte[] all = new byte[last.readableBytes()];
            last.readBytes(all);
            return all;
        }
        read(last, before);
        return before.toByteArray();
    }

    private static void read(ByteBuf from, ByteArrayOutputStream to) {
        try {
            from.readBytes(to, from.readableBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void dispatch(ChannelHandlerContext ctx, byte[] bytes) {
        var request = Objects.requireNonNull(head);
        if (!connection.waiting(0)) {
            refuse(ctx, request, tooMany());
            return;
        }
        long reserved = reservedBytes;
        head = null;
        body = null;
        reservedBytes = 0;
        phase = Phase.HANDLING;
        stopTimer();
        var read = Requests.read(request, bytes, connection, http2);
        var started = new HttpExchange(state, ctx, connection, request, read, this, reserved);
        exchange = started;
        state.began(started);
        try {
            state.executor().execute(started);
        } catch (RejectedExecutionException e) {
            // the server has stopped
            started.handled();
            ctx.close();
        }
    }

    /// A whole answer is on its way. On the event loop.
    void answering(ChannelHandlerContext ctx) {
        closeAfter(ctx, state.config().timeouts().write());
    }

    /// The answer has left: the next request may come, or the connection ends. On the event loop.
    void answered(ChannelHandlerContext ctx, boolean keepAlive) {
        exchange = null;
        stopTimer();
        if (http2) {
            return;
        }
        if (!keepAlive) {
            phase = Phase.DISCARDING;
            Farewell.say(ctx.channel());
            return;
        }
        phase = Phase.HEADER;
        closeAfter(ctx, state.config().timeouts().idle());
        Queue<HttpObject> waiting = pipelined;
        while (waiting != null && phase != Phase.HANDLING && !waiting.isEmpty()) {
            take(ctx, waiting.remove());
        }
        if (waiting == null || waiting.isEmpty()) {
            ctx.channel().config().setAutoRead(true);
        }
    }

    /// Answers 101 and leaves the connection to `tunnel`. What a client sent before it had the answer belongs to no
    /// protocol: it loses the connection. On the event loop.
    void upgraded(ChannelHandlerContext ctx, ClientTunnel tunnel, FullHttpResponse answer) {
        stopTimer();
        exchange = null;
        phase = Phase.DISCARDING;
        if (!ctx.channel().isActive() || (pipelined != null && !pipelined.isEmpty())) {
            answer.release();
            tunnel.close();
            ctx.close();
            return;
        }
        ctx.writeAndFlush(answer);
        ctx.pipeline().addLast(tunnel);
        ctx.pipeline().remove(HttpResponseEncoder.class);
        ctx.pipeline().remove(this);
        // last, as it hands on what it has read already
        ctx.pipeline().remove(HttpRequestDecoder.class);
    }

    private void webSocketFrame(ChannelHandlerContext ctx, WebSocketFrame frame) {
        switch (frame) {
            case PingWebSocketFrame ping -> ctx.writeAndFlush(new PongWebSocketFrame(ping.content()));
            case CloseWebSocketFrame close -> ctx.writeAndFlush(close).addListener(_ -> Farewell.say(ctx.channel()));
            // clients have nothing to say on a watch
            default -> frame.release();
        }
    }

    private void malformed(
            ChannelHandlerContext ctx, io.netty.handler.codec.http.@Nullable HttpRequest known, Throwable cause) {
        LOG.atDebug().addKeyValue("reason", cause.getMessage()).log("malformed request");
        if (cause instanceof TooLongHttpHeaderException) {
            refuse(
                    ctx,
                    known,
                    HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                    "431 Request Header Fields Too Large");
        } else if (cause instanceof TooLongHttpLineException) {
            refuse(ctx, known, HttpResponseStatus.REQUEST_URI_TOO_LONG, "414 Request-URI Too Long");
        } else {
            refuse(ctx, known, HttpResponseStatus.BAD_REQUEST, "400 Bad Request");
        }
    }

    static ApiException tooMany() {
        return ApiException.tooManyRequests("too many requests, please try again later", 1);
    }

    private ApiException tooLarge() {
        return ApiException.tooLarge(state.config().limits().bodyBytes());
    }

    private void refuse(
            ChannelHandlerContext ctx,
            io.netty.handler.codec.http.@Nullable HttpRequest known,
            HttpResponseStatus status,
            String text) {
        refuse(ctx, known, text, Refusals.text(status, text));
    }

    private void refuse(
            ChannelHandlerContext ctx, io.netty.handler.codec.http.@Nullable HttpRequest known, ApiException error) {
        refuse(ctx, known, String.valueOf(error.getMessage()), Refusals.status(error));
    }

    /// Has it recorded, then answers and says that nothing follows, on the connection or, in h2, on the stream.
    private void refuse(
            ChannelHandlerContext ctx,
            io.netty.handler.codec.http.@Nullable HttpRequest known,
            String message,
            FullHttpResponse answer) {
        phase = Phase.DISCARDING;
        forgetBody();
        answer.headers().set(HttpHeaderNames.CONNECTION, "close");
        answering(ctx);
        var refusal = new HttpRefusal(
                Requests.unread(known, connection, http2), answer.status().code(), message);
        try {
            state.executor().execute(() -> {
                try {
                    tell(refusal);
                } finally {
                    ctx.writeAndFlush(answer).addListener(_ -> leave(ctx));
                }
            });
        } catch (RejectedExecutionException e) {
            // the server has stopped
            answer.release();
            ctx.close();
        }
    }

    private void tell(HttpRefusal refusal) {
        try {
            state.handler().refused(refusal);
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("status", refusal.status()).setCause(e).log("a refusal cannot be recorded");
        }
    }

    private void leave(ChannelHandlerContext ctx) {
        if (http2) {
            closeAfter(ctx, Farewell.LINGER);
        } else {
            stopTimer();
            Farewell.say(ctx.channel());
        }
    }

    private void forgetBody() {
        head = null;
        body = null;
        state.releaseBody(reservedBytes);
        reservedBytes = 0;
    }

    private void closeAfter(ChannelHandlerContext ctx, Duration time) {
        stopTimer();
        timer = ctx.executor().schedule(() -> ctx.close(), time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        gone();
        super.channelInactive(ctx);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        gone();
    }

    private void gone() {
        stopTimer();
        forgetBody();
        phase = Phase.DISCARDING;
        if (pipelined != null) {
            pipelined.forEach(ReferenceCountUtil::release);
            pipelined.clear();
        }
        HttpExchange running = exchange;
        exchange = null;
        if (running != null) {
            running.peerGone();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.atDebug().setCause(cause).log("connection failed");
        ctx.close();
    }
}
