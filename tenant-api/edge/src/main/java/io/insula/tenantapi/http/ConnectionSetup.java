package io.insula.tenantapi.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Builds the pipeline of each accepted connection: TLS first, then what ALPN chose. Immutable.
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, where we hear of it
final class ConnectionSetup extends ChannelInitializer<Channel> {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionSetup.class);

    /// Long selectors come in the URL.
    private static final int LINE_BYTES = 128 * 1024;

    private static final int HEADERS_BYTES = 256 * 1024;
    private static final int CHUNK_BYTES = 16 * 1024;
    private static final int WINDOW_BYTES = 256 * 1024;
    private static final int RESET_WINDOW_SECONDS = 30;

    private final ServerState state;

    ConnectionSetup(ServerState state) {
        this.state = state;
    }

    @Override
    protected void initChannel(Channel channel) {
        begin(channel, state, state.tls());
    }

    /// Takes a connection of which nothing has been read, or hands to TLS what has.
    static void begin(Channel channel, ServerState state, TlsState tls) {
        if (state.connections().size() >= state.config().limits().connections()) {
            channel.close();
            return;
        }
        SslHandler handshake = tls.context().newHandler(channel.alloc());
        handshake.setHandshakeTimeoutMillis(
                state.config().timeouts().handshake().toMillis());
        state.connections().add(channel);
        // of one that arrives while all are closed nobody else takes care
        if (state.draining()) {
            channel.close();
            return;
        }
        channel.pipeline().addLast(handshake, new Negotiated(state, tls));
    }

    /// No leniency: a proxy in front that reads lines, lengths or codings otherwise than we do would let requests
    /// be smuggled past it. Source: RFC 9112, sections 2.2, 6.1 and 11.2.
    private static void http1(ChannelPipeline pipeline, ServerState state, Connection connection) {
        var decoding = new HttpDecoderConfig()
                .setMaxInitialLineLength(LINE_BYTES)
                .setMaxHeaderSize(HEADERS_BYTES)
                .setMaxChunkSize(CHUNK_BYTES)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true)
                .setAllowDuplicateContentLengths(false);
        pipeline.addLast(
                new HttpRequestDecoder(decoding),
                new HttpResponseEncoder(),
                new RequestReader(state, connection, false));
    }

    private static void http2(ChannelPipeline pipeline, ServerState state, Connection connection) {
        HttpLimits limits = state.config().limits();
        var settings = Http2Settings.defaultSettings()
                .maxConcurrentStreams(limits.streams())
                .initialWindowSize(WINDOW_BYTES)
                .maxHeaderListSize(HEADERS_BYTES);
        Http2FrameCodec codec = Http2FrameCodecBuilder.forServer()
                .initialSettings(settings)
                .decoderEnforceMaxRstFramesPerWindow(limits.resets(), RESET_WINDOW_SECONDS)
                .encoderEnforceMaxRstFramesPerWindow(limits.resets(), RESET_WINDOW_SECONDS)
                .gracefulShutdownTimeoutMillis(1)
                .build();
        // streams read frames, not bytes: no use in each learning how large its buffers should be
        var buffers = new FixedRecvByteBufAllocator(CHUNK_BYTES);
        pipeline.addLast(
                codec,
                new Http2MultiplexHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        stream.config().setRecvByteBufAllocator(buffers);
                        stream.pipeline()
                                .addLast(
                                        new Http2StreamFrameToHttpObjectCodec(true),
                                        new RequestReader(state, connection, true));
                    }
                }),
                new Http2Idle(codec, state.config().timeouts().idle()));
    }

    private static final class Negotiated extends ApplicationProtocolNegotiationHandler {

        private final ServerState state;
        private final TlsState tls;

        Negotiated(ServerState state, TlsState tls) {
            super(ApplicationProtocolNames.HTTP_1_1);
            this.state = state;
            this.tls = tls;
        }

        @Override
        protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
            Certificate[] shown = shown(ctx.pipeline().get(SslHandler.class));
            var connection = new Connection(
                    state,
                    ProxyHeader.sourceOf(ctx.channel()),
                    tls.clients().verified(shown),
                    tls.proxies().verified(shown));
            if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                http2(ctx.pipeline(), state, connection);
            } else {
                http1(ctx.pipeline(), state, connection);
            }
        }

        private static Certificate[] shown(SslHandler handshake) {
            try {
                return handshake.engine().getSession().getPeerCertificates();
            } catch (SSLPeerUnverifiedException e) {
                return new Certificate[0];
            }
        }

        @Override
        protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
            LOG.atDebug().setCause(cause).log("TLS handshake failed");
            state.handshakeFailed();
            ctx.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            LOG.atDebug().setCause(cause).log("connection failed");
            ctx.close();
        }
    }
}
