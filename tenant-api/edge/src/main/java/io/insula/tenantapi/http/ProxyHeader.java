package io.insula.tenantapi.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes the header by which a proxy says whose connection it hands on. Source: "The PROXY protocol", HAProxy.
final class ProxyHeader extends SimpleChannelInboundHandler<HAProxyMessage> {

    private static final Logger LOG = LoggerFactory.getLogger(ProxyHeader.class);
    private static final AttributeKey<String> SOURCE = AttributeKey.valueOf(ProxyHeader.class, "source");

    /// The address of who asks, as text: the peer's, or what its trusted proxy says; empty where there is none.
    static String sourceOf(Channel channel) {
        @Nullable String said = channel.attr(SOURCE).get();
        if (said != null) {
            return said;
        }
        return channel.remoteAddress() instanceof InetSocketAddress peer && peer.getAddress() != null
                ? peer.getAddress().getHostAddress()
                : "";
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HAProxyMessage header) {
        HAProxyProxiedProtocol.AddressFamily family = header.proxiedProtocol().addressFamily();
        boolean isAddress = family == HAProxyProxiedProtocol.AddressFamily.AF_IPv4
                || family == HAProxyProxiedProtocol.AddressFamily.AF_IPv6;
        if (header.command() == HAProxyCommand.PROXY && isAddress) {
            ctx.channel().attr(SOURCE).set(header.sourceAddress());
        }
        ctx.pipeline().remove(this);
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // a failed close ends the channel all the same
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.atDebug().setCause(cause).log("a proxy does not say whose connection it hands on");
        ctx.close();
    }
}
