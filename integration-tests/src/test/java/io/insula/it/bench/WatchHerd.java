package io.insula.it.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Many watches over few h2 connections, all open at once until closed.
final class WatchHerd implements AutoCloseable {

    private static final int LOOPS = 2;
    /// Watches that are being opened at one moment: the server shall be measured open, not in a traffic jam.
    private static final int OPENING = 256;

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(LOOPS, NioIoHandler.newFactory());
    private final List<Channel> connections = new ArrayList<>();
    private final Target target;
    private final JdkSslContext tls;
    private final AtomicInteger refused = new AtomicInteger();

    WatchHerd(Target target) {
        this.target = target;
        tls = new JdkSslContext(
                target.tls(),
                true,
                null,
                IdentityCipherSuiteFilter.INSTANCE,
                new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_2),
                ClientAuth.NONE,
                null,
                false);
    }

    /// Opens connections, without a watch.
    void connect(int count) throws InterruptedException {
        var bootstrap = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        SslHandler handler = tls.newHandler(
                                channel.alloc(),
                                target.server().getHost(),
                                target.server().getPort());
                        handler.setHandshakeTimeout(60, TimeUnit.SECONDS);
                        channel.pipeline()
                                .addLast(handler)
                                .addLast(Http2FrameCodecBuilder.forClient()
                                        .initialSettings(Http2Settings.defaultSettings())
                                        .build())
                                .addLast(new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                    }
                });
        for (int i = 0; i < count; i++) {
            Channel channel = bootstrap
                    .connect(target.server().getHost(), target.server().getPort())
                    .sync()
                    .channel();
            channel.pipeline().get(SslHandler.class).handshakeFuture().sync();
            connections.add(channel);
        }
    }

    /// Opens watches, spread evenly, and waits until the server has answered each with its head.
    ///
    /// @throws IOException when one was refused
    void watch(int count, String path) throws InterruptedException, IOException {
        var answered = new CountDownLatch(count);
        var opening = new Semaphore(OPENING);
        for (int i = 0; i < count; i++) {
            opening.acquire();
            open(connections.get(i % connections.size()), path, () -> {
                opening.release();
                answered.countDown();
            });
        }
        if (!answered.await(5, TimeUnit.MINUTES)) {
            throw new IOException("watches: " + answered.getCount() + " of " + count + " got no answer in 5 minutes");
        }
        if (refused.get() > 0) {
            throw new IOException("watches: " + refused.get() + " of " + count + " were refused");
        }
    }

    private void open(Channel connection, String path, Runnable answered) {
        new Http2StreamChannelBootstrap(connection)
                .handler(new Watcher(answered))
                .open()
                .addListener((Future<Http2StreamChannel> opened) -> {
                    if (opened.isSuccess()) {
                        ask(opened.getNow(), path);
                    } else {
                        refused.incrementAndGet();
                        answered.run();
                    }
                });
    }

    private void ask(Http2StreamChannel stream, String path) {
        var headers = new DefaultHttp2Headers()
                .method("GET")
                .scheme("https")
                .authority(target.server().getHost() + ":" + target.server().getPort())
                .path(path)
                .set("accept", "application/json");
        stream.writeAndFlush(new DefaultHttp2HeadersFrame(headers, true))
                .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    private final class Watcher extends SimpleChannelInboundHandler<Http2StreamFrame> {

        private final Runnable answered;
        private boolean done;

        Watcher(Runnable answered) {
            this.answered = answered;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, Http2StreamFrame frame) {
            if (frame instanceof Http2HeadersFrame head && !done) {
                finish("200".contentEquals(head.headers().status()));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (!done) {
                finish(false);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            ReferenceCountUtil.release(event);
        }

        private void finish(boolean accepted) {
            done = true;
            if (!accepted) {
                refused.incrementAndGet();
            }
            answered.run();
        }
    }

    @Override
    public void close() {
        connections.forEach(connection -> connection.close().awaitUninterruptibly(10, TimeUnit.SECONDS));
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
    }
}
