package io.insula.controlplane.pki;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;

/// Makes certificates for names of nobody's that look as those of a tenant of such a name do. Nothing trusts them. One
/// key serves all of them: making one takes signatures only. Immutable.
public final class Strangers {

    private final KeyPair keys = CertificateAuthority.newKeyPair();
    private final Clock clock;

    public Strangers(Clock clock) {
        this.clock = clock;
    }

    /// What a client sees in a handshake.
    ///
    /// @param authority whose certificates for users are asked for
    /// @param frontProxyAuthority the same for front proxies
    public record Shown(KeyAndCertificate server, X509Certificate authority, X509Certificate frontProxyAuthority) {}

    /// @param tenant that there is not
    /// @param name that the server's certificate is for
    public Shown of(String tenant, String name) {
        CertificateAuthority authority = CertificateAuthority.create(ClusterPki.authorityOf(tenant), keys, clock);
        return new Shown(
                authority.issue(CertificateSpec.server(ClusterPki.SERVER_USER, List.of(name)), keys),
                authority.own().certificate(),
                CertificateAuthority.create(ClusterPki.frontProxyAuthorityOf(tenant), keys, clock)
                        .own()
                        .certificate());
    }
}
