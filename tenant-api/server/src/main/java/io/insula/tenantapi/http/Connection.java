package io.insula.tenantapi.http;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// What all requests of one TCP connection share. Thread-safe.
final class Connection {

    private final String remoteAddress;
    private final List<X509Certificate> clientCertificates;
    private final AtomicLong waitingBytes = new AtomicLong();

    /// @param clientCertificates the verified chain, leaf first; empty where none counts
    Connection(Channel channel, List<X509Certificate> clientCertificates) {
        this.remoteAddress = channel.remoteAddress() instanceof InetSocketAddress peer && peer.getAddress() != null
                ? peer.getAddress().getHostAddress()
                : "";
        this.clientCertificates = clientCertificates;
    }

    String remoteAddress() {
        return remoteAddress;
    }

    List<X509Certificate> clientCertificates() {
        return clientCertificates;
    }

    /// Counts bytes on their way to the peer (negative: that have left).
    ///
    /// @return how many wait now, over all answers
    long waiting(long bytes) {
        return waitingBytes.addAndGet(bytes);
    }
}
