package io.insula.tenantapi.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Sets a connection up for the protocol that TLS negotiated.
@SuppressWarnings("FutureReturnValueIgnored") // a failed write ends with the channel closed
final class Protocols extends ApplicationProtocolNegotiationHandler {

    /// A connection on which nothing moved for this long is closed; watches send a bookmark each minute.
    private static final int IDLE_MINUTES = 10;

    private static final int HEADER_BYTES = 64 * 1024;
    private static final int REQUEST_LINE_BYTES = 16 * 1024;

    /// Source: kubernetes/apiserver, `secure_serving.go` (100 streams, 256 KiB windows).
    private static final int STREAMS_PER_CONNECTION = 100;

    private static final int WINDOW_BYTES = 256 * 1024;

    private final ClientChain chain;
    private final Supplier<RequestReader> readers;

    Protocols(ClientChain chain, Supplier<RequestReader> readers) {
        super(ApplicationProtocolNames.HTTP_1_1);
        this.chain = chain;
        this.readers = readers;
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
        ctx.channel().attr(Connection.KEY).set(Connection.of(ctx.channel(), chain));
        ChannelPipeline pipeline = ctx.pipeline();
        pipeline.addLast(new IdleStateHandler(0, 0, IDLE_MINUTES, TimeUnit.MINUTES), new IdleCloser());
        if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
            var settings = Http2Settings.defaultSettings()
                    .maxConcurrentStreams(STREAMS_PER_CONNECTION)
                    .initialWindowSize(WINDOW_BYTES)
                    .maxHeaderListSize(HEADER_BYTES);
            pipeline.addLast(Http2FrameCodecBuilder.forServer()
                    .initialSettings(settings)
                    .gracefulShutdownTimeoutMillis(1000)
                    .build());
            pipeline.addLast(new Http2MultiplexHandler(new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel stream) {
                    stream.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(true), readers.get());
                }
            }));
        } else {
            pipeline.addLast(new HttpServerCodec(REQUEST_LINE_BYTES, HEADER_BYTES, 8 * 1024), readers.get());
        }
    }

    @Override
    protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private static final class IdleCloser extends io.netty.channel.ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
            if (event instanceof IdleStateEvent) {
                ctx.close();
            } else {
                super.userEventTriggered(ctx, event);
            }
        }
    }
}
