package io.insula.tenantapi.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;

/// One TLS port for many sites, told apart by the name that a client asks for before anything else. Source: RFC 6066,
/// section 3 (server name indication). A connection belongs to its site from then on, with that one's certificates,
/// limits and end. Thread-safe.
@SuppressWarnings("FutureReturnValueIgnored") // a failed close ends the channel all the same
public final class SharedPort implements AutoCloseable {

    private static final int CLOSE_SECONDS = 5;

    /// Of all sites together, those that have not said a name yet included.
    private static final int CONNECTIONS = 20_000;

    private final Channel listening;
    private final ChannelGroup connections;
    private final ExecutorService lookups;

    private SharedPort(Channel listening, ChannelGroup connections, ExecutorService lookups) {
        this.listening = listening;
        this.connections = connections;
        this.lookups = lookups;
    }

    /// A site as one name has it. Immutable; worth keeping, as TLS sessions are resumed by it.
    public static final class Named {
        private final ServerState state;
        private final TlsState tls;

        /// @param tls in place of the site's own
        /// @throws IllegalArgumentException when the TLS material is of no use
        public Named(HttpSite site, ServerTls tls) {
            this.state = site.state();
            this.tls = TlsState.of(tls);
        }

        void take(Channel channel) {
            ConnectionSetup.begin(channel, state, tls);
        }
    }

    /// Listens from the moment this returns. `loops` stay the caller's.
    ///
    /// @param address the interface's IP address
    /// @param port 0 for any free one
    /// @param proxies whose connections begin with a PROXY protocol header (version 1 or 2), which says who asks;
    ///     those of others must not
    /// @param sites what answers by a name, in lower case, empty where none is said; called off the event loops
    /// @throws IllegalStateException when the port is taken: the message names it
    public static SharedPort start(
            String address,
            int port,
            EventLoopGroup loops,
            Predicate<InetAddress> proxies,
            Function<String, Named> sites) {
        ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        ExecutorService lookups = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("sni-", 0).factory());
        Channel listening = Listener.listen(address, port, loops, new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                if (connections.size() >= CONNECTIONS) {
                    channel.close();
                    return;
                }
                connections.add(channel);
                if (channel.remoteAddress() instanceof InetSocketAddress peer && proxies.test(peer.getAddress())) {
                    channel.pipeline().addLast(new HAProxyMessageDecoder(true), new ProxyHeader());
                }
                channel.pipeline().addLast(new NameReader(lookups, sites));
            }
        });
        return new SharedPort(listening, connections, lookups);
    }

    public int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /// Listens no more. Connections that belong to a site end with it; those that belong to none yet end now.
    @Override
    public void close() {
        listening.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        connections.stream()
                .filter(channel -> channel.pipeline().get(NameReader.class) != null)
                .forEach(Channel::close);
        lookups.shutdownNow();
    }
}
