package io.insula.tenantapi.http;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// What all requests of one connection share. Thread-safe.
final class Connection {

    private final String remoteAddress;
    private final List<X509Certificate> clientCertificates;
    private final List<X509Certificate> proxyCertificates;
    private final ServerState state;
    private final AtomicLong waitingBytes = new AtomicLong();

    /// @param clientCertificates the verified chain, leaf first; empty where none counts
    /// @param proxyCertificates the same for a front proxy
    Connection(
            ServerState state,
            String remoteAddress,
            List<X509Certificate> clientCertificates,
            List<X509Certificate> proxyCertificates) {
        this.state = state;
        this.remoteAddress = remoteAddress;
        this.clientCertificates = clientCertificates;
        this.proxyCertificates = proxyCertificates;
    }

    String remoteAddress() {
        return remoteAddress;
    }

    List<X509Certificate> clientCertificates() {
        return clientCertificates;
    }

    List<X509Certificate> proxyCertificates() {
        return proxyCertificates;
    }

    /// Counts bytes on their way to the peer (negative: that have left).
    ///
    /// @return false when more wait now than may, for this connection or for all together
    boolean waiting(long bytes) {
        HttpLimits limits = state.config().limits();
        long mine = waitingBytes.addAndGet(bytes);
        long all = state.waiting(bytes);
        // when all is too much, those who have little waiting are not the cause
        return mine <= limits.connectionBytes() && (all <= limits.waitingBytes() || mine <= HttpLimits.LITTLE_BYTES);
    }
}
