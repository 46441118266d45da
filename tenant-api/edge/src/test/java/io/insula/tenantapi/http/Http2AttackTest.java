package io.insula.tenantapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2ChannelDuplexHandler;
import io.netty.handler.codec.http2.Http2ConnectionPrefaceAndSettingsFrameWrittenEvent;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsAckFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What clients of h2 do that mean harm, by a client that keeps no rule of its own.
@Timeout(300)
class Http2AttackTest {

    private static final HttpLimits LIMITS =
            new HttpLimits(3_000_000, 30_000_000, 1_000_000, 4_000_000, 6_000_000, 5, 20, 100);

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final BlockingQueue<Object> frames = new LinkedBlockingQueue<>();
    private Edge edge = new Edge(config -> config.with(LIMITS));

    @AfterEach
    void stop() {
        edge.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void closesConnectionsOfThoseWhoOpenAndResetStreamsRapidly() throws Exception {
        var handled = new AtomicInteger();
        edge.handle((request, responder) -> {
            handled.incrementAndGet();
            Edge.echo(request, responder);
        });
        var attacker = new Attacker();

        attacker.onLoop(() -> {
            for (int i = 0; i < 1000; i++) {
                Http2FrameStream stream = attacker.newStream();
                attacker.write(head("/", "GET").stream(stream));
                attacker.write(new DefaultHttp2ResetFrame(Http2Error.CANCEL).stream(stream));
            }
        });

        assertThat(attacker.channel.closeFuture().await(3, TimeUnit.MINUTES)).isTrue();
        assertThat(handled.get()).as("of 1000").isLessThan(2 * LIMITS.resets());
        try (var client = edge.client(java.net.http.HttpClient.Version.HTTP_2)) {
            assertThat(client.send(edge.request("/").build(), java.net.http.HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void refusesStreamsBeyondTheLimit() throws Exception {
        var release = new CountDownLatch(1);
        edge.handle((request, responder) -> {
            Edge.await(release);
            Edge.echo(request, responder);
        });
        // as soon as it may speak, before it has heard of the limit
        var attacker = new Attacker(Http2Settings.defaultSettings(), recorder -> {
            for (int i = 0; i < 30; i++) {
                recorder.write(head("/" + i, "GET").stream(recorder.newStream()));
            }
        });

        int refused = 0;
        while (refused < 10) {
            if (next() instanceof Http2ResetFrame reset) {
                assertThat(reset.errorCode()).isEqualTo(Http2Error.REFUSED_STREAM.code());
                refused++;
            }
        }
        release.countDown();
        int answered = 0;
        while (answered < 20) {
            if (next() instanceof Http2HeadersFrame answer) {
                assertThat(answer.headers().status()).hasToString("200");
                answered++;
            }
        }
        attacker.close();
    }

    @Test
    void holdsABoundedQueueForAllStreamsOfAConnectionTogether() throws Exception {
        var streams = new CopyOnWriteArrayList<HttpResponder.BodyStream>();
        edge.handle((request, responder) -> {
            if (request.path().equals("/watch")) {
                streams.add(responder.stream(200, Map.of()));
            } else {
                Edge.echo(request, responder);
            }
        });
        // nothing may be sent to this client: its windows are empty
        var attacker = new Attacker(Http2Settings.defaultSettings().initialWindowSize(0));
        attacker.onLoop(() -> {
            for (int i = 0; i < 10; i++) {
                attacker.write(head("/watch", "GET").stream(attacker.newStream()));
            }
        });
        Edge.await("all watches run", () -> streams.size() == 10);

        long held = 0;
        byte[] chunk = new byte[90_000];
        for (HttpResponder.BodyStream stream : streams) {
            for (int i = 0; i < 10; i++) {
                held += stream.write(chunk) ? chunk.length : 0;
            }
        }

        assertThat(held).isLessThanOrEqualTo(LIMITS.connectionBytes());
        assertThat(streams).anyMatch(stream -> !stream.write(new byte[1]));
        attacker.close();
    }

    @Test
    void holdsABoundedQueueForAllConnectionsTogether() throws Exception {
        var streams = new CopyOnWriteArrayList<HttpResponder.BodyStream>();
        edge.handle((_, responder) -> streams.add(responder.stream(200, Map.of())));
        var attackers = new ArrayList<Attacker>();
        for (int i = 0; i < 3; i++) {
            // nothing may be sent to this client: its windows are empty
            var attacker = new Attacker(Http2Settings.defaultSettings().initialWindowSize(0));
            attackers.add(attacker);
            attacker.onLoop(() -> {
                for (int j = 0; j < 5; j++) {
                    attacker.write(head("/watch", "GET").stream(attacker.newStream()));
                }
            });
        }
        Edge.await("all watches run", () -> streams.size() == 15);

        long held = 0;
        byte[] chunk = new byte[90_000];
        for (HttpResponder.BodyStream stream : streams) {
            for (int i = 0; i < 10; i++) {
                held += stream.write(chunk) ? chunk.length : 0;
            }
        }

        // whoever came to a full server has its little all the same; who comes first, the network decides
        assertThat(held)
                .isGreaterThan(LIMITS.connectionBytes())
                .isLessThanOrEqualTo(LIMITS.waitingBytes() + (long) attackers.size() * HttpLimits.LITTLE_BYTES);
        for (Attacker attacker : attackers) {
            attacker.close();
        }
        try (var client = edge.client(java.net.http.HttpClient.Version.HTTP_2)) {
            edge.handle(Edge::echo);
            Edge.await("room again", () -> status(client) == 200);
        }
    }

    private int status(java.net.http.HttpClient client) {
        return client.sendAsync(edge.request("/").build(), java.net.http.HttpResponse.BodyHandlers.ofString())
                .join()
                .statusCode();
    }

    @Test
    void closesConnectionsBeyondTheLimit() throws Exception {
        var attackers = new ArrayList<Attacker>();
        for (int i = 0; i < LIMITS.connections(); i++) {
            attackers.add(new Attacker());
        }
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), edge.server().port())) {
            socket.setSoTimeout(20_000);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        attackers.getFirst().close();
        try (var client = edge.client(java.net.http.HttpClient.Version.HTTP_2)) {
            Edge.await("a place is free", () -> {
                try {
                    return status(client) == 200;
                } catch (java.util.concurrent.CompletionException e) {
                    return false;
                }
            });
        }
        for (Attacker attacker : attackers) {
            attacker.close();
        }
    }

    @Test
    void closesConnectionsWithNoStreamHoweverManyPings() throws Exception {
        edge.close();
        var brief = Duration.ofMillis(400);
        var usual = Duration.ofSeconds(20);
        edge = new Edge(config -> config.with(new HttpTimeouts(usual, usual, usual, usual, brief)));
        var attacker = new Attacker();
        var pinging = attacker.channel
                .eventLoop()
                .scheduleAtFixedRate(() -> attacker.write(new DefaultHttp2PingFrame(1)), 50, 50, TimeUnit.MILLISECONDS);

        assertThat(attacker.channel.closeFuture().await(3, TimeUnit.MINUTES)).isTrue();
        pinging.cancel(false);
    }

    @Test
    void refusesRequestsWhoseBodyIsNotAsLongAsSaid() throws Exception {
        var reached = new AtomicInteger();
        edge.handle((request, responder) -> {
            reached.incrementAndGet();
            Edge.echo(request, responder);
        });
        var attacker = new Attacker();
        var headers = headers("/", "POST").set("content-length", "5");

        attacker.onLoop(() -> attacker.write(new DefaultHttp2HeadersFrame(headers, true).stream(attacker.newStream())));

        assertThat(next()).isInstanceOfAny(Http2ResetFrame.class, Http2GoAwayFrame.class);
        assertThat(reached).hasValue(0);
        attacker.close();
    }

    private Object next() throws InterruptedException {
        Object frame = frames.poll(3, TimeUnit.MINUTES);
        assertThat(frame).as("a frame from the server").isNotNull();
        return frame;
    }

    private static Http2Headers headers(String path, String method) {
        return new DefaultHttp2Headers(false)
                .method(method)
                .path(path)
                .scheme("https")
                .authority("127.0.0.1");
    }

    private static DefaultHttp2HeadersFrame head(String path, String method) {
        return new DefaultHttp2HeadersFrame(headers(path, method), true);
    }

    /// One h2 connection; what the server says about streams is in `frames`.
    @SuppressWarnings("FutureReturnValueIgnored")
    private final class Attacker {

        private final Recorder recorder;
        private final Channel channel;

        Attacker() throws Exception {
            this(Http2Settings.defaultSettings());
        }

        Attacker(Http2Settings settings) throws Exception {
            this(settings, _ -> {});
        }

        /// @param opening what it says first
        Attacker(Http2Settings settings, Consumer<Recorder> opening) throws Exception {
            recorder = new Recorder(opening);
            Http2FrameCodec codec = Http2FrameCodecBuilder.forClient()
                    .initialSettings(settings)
                    .encoderEnforceMaxConcurrentStreams(false)
                    .validateHeaders(false)
                    .build();
            var tls = SslContextBuilder.forClient()
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            ApplicationProtocolConfig.Protocol.ALPN,
                            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                            ApplicationProtocolNames.HTTP_2))
                    .build();
            channel = new Bootstrap()
                    .group(loops)
                    .channel(NioSocketChannel.class)
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel connection) {
                            connection.pipeline().addLast(tls.newHandler(connection.alloc()), codec, recorder);
                        }
                    })
                    .connect(InetAddress.getLoopbackAddress(), edge.server().port())
                    .sync()
                    .channel();
            Edge.await(recorder.settled);
        }

        Http2FrameStream newStream() {
            return recorder.newStream();
        }

        void onLoop(Runnable action) throws Exception {
            channel.eventLoop().submit(action).sync();
        }

        void write(Object frame) {
            channel.writeAndFlush(frame);
        }

        void close() throws InterruptedException {
            channel.close().sync();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    private final class Recorder extends Http2ChannelDuplexHandler {

        private final Consumer<Recorder> opening;
        private final CountDownLatch settled = new CountDownLatch(1);
        private @Nullable ChannelHandlerContext context;

        Recorder(Consumer<Recorder> opening) {
            this.opening = opening;
        }

        void write(Object frame) {
            Objects.requireNonNull(context).writeAndFlush(frame);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
            if (event instanceof Http2ConnectionPrefaceAndSettingsFrameWrittenEvent) {
                context = ctx;
                opening.accept(this);
            }
            super.userEventTriggered(ctx, event);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            switch (message) {
                case Http2SettingsFrame _ -> settled.countDown();
                case Http2SettingsAckFrame _ -> {}
                default -> frames.add(message);
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // what the client's own codec thinks of the attack
        }
    }
}
