package io.insula.tenantapi.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One TLS port. Thread-safe. The event loops are the caller's and may serve any number of servers: an idle server has
/// no
/// thread of its own; a request has a virtual one while it is being handled.
public final class HttpServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    private static final int HANDSHAKE_SECONDS = 10;

    private final HttpServerConfig config;
    private final ExecutorService executor;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final RunningRequests running = new RunningRequests();
    private final HttpHandler handler;
    private final Channel listening;

    /// Read by each new connection; swapped as one.
    private volatile Material material;

    private record Material(SslContext context, ClientChain chain) {
        static Material of(ServerTls tls) {
            return new Material(TlsContext.of(tls), new ClientChain(tls.clientAuthorities()));
        }
    }

    private HttpServer(HttpServerConfig config, EventLoopGroup loops, HttpHandler handler) {
        this.config = config;
        this.handler = handler;
        this.material = Material.of(config.tls());
        this.executor = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("http-", 0).factory());
        this.listening = bind(loops);
    }

    /// Listens from the moment this returns.
    ///
    /// @throws IllegalStateException when the port is taken: the message names it
    public static HttpServer start(HttpServerConfig config, EventLoopGroup loops, HttpHandler handler) {
        return new HttpServer(config, loops, handler);
    }

    public int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /// New connections use this material; running ones keep theirs.
    public void updateTls(ServerTls tls) {
        material = Material.of(tls);
    }

    /// Stops accepting, waits for running requests (not streams) up to the configured drain, then closes everything.
    @Override
    public void close() {
        listening.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
        if (!running.awaitNone(config.drain())) {
            LOG.atWarn().addKeyValue("port", port()).log("stopped with requests still running");
        }
        connections.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
        executor.shutdownNow();
    }

    private Channel bind(EventLoopGroup loops) {
        var bound = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept(channel);
                    }
                })
                .bind(new InetSocketAddress(config.address(), config.port()))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            executor.shutdownNow();
            throw new IllegalStateException(
                    "cannot listen on " + config.address() + ":" + config.port() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        return bound.channel();
    }

    private void accept(Channel channel) {
        connections.add(channel);
        Material now = material;
        SslHandler tls = now.context().newHandler(channel.alloc());
        tls.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        channel.pipeline()
                .addLast(tls)
                .addLast(new Protocols(now.chain(), () -> new RequestReader(handler, executor, running)));
    }
}
