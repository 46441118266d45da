package io.insula.tenantapi.http;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;

/// What all requests of one TCP connection share. Immutable.
///
/// @param clientCertificates the verified chain, leaf first; empty where none counts
record Connection(String remoteAddress, List<X509Certificate> clientCertificates) {

    static final AttributeKey<Connection> KEY = AttributeKey.valueOf("insula.connection");

    /// After the handshake of `channel`.
    static Connection of(Channel channel, ClientChain chain) {
        return new Connection(address(channel), chain.verified(shown(channel)));
    }

    private static String address(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress socket && socket.getAddress() != null
                ? socket.getAddress().getHostAddress()
                : "";
    }

    private static List<X509Certificate> shown(Channel channel) {
        try {
            var session = channel.pipeline().get(SslHandler.class).engine().getSession();
            return Arrays.stream(session.getPeerCertificates())
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        }
    }
}
