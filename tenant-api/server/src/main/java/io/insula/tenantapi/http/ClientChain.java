package io.insula.tenantapi.http;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides which client certificates count. TLS itself takes any (the client has proved that it holds the key); only a
/// chain that this class accepts is shown to authenticators, so that a stranger's certificate ends as 401 and not as a
/// broken connection. Source: kubernetes/apiserver, `authentication/request/x509`.
final class ClientChain {

    private static final Logger LOG = LoggerFactory.getLogger(ClientChain.class);
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final String ANY_USAGE = "2.5.29.37.0";

    private final List<X509Certificate> authorities;

    ClientChain(List<X509Certificate> authorities) {
        this.authorities = List.copyOf(authorities);
    }

    /// The chain if it leads to one of the authorities, is valid now and may authenticate clients; else empty.
    List<X509Certificate> verified(List<X509Certificate> shown) {
        if (shown.isEmpty() || authorities.isEmpty()) {
            return List.of();
        }
        try {
            var usages = shown.getFirst().getExtendedKeyUsage();
            if (usages == null || !(usages.contains(CLIENT_AUTH) || usages.contains(ANY_USAGE))) {
                return List.of();
            }
            var parameters = new PKIXParameters(authorities.stream()
                    .map(authority -> new TrustAnchor(authority, null))
                    .collect(Collectors.toSet()));
            parameters.setRevocationEnabled(false);
            var path = CertificateFactory.getInstance("X.509").generateCertPath(withoutAnchors(shown));
            CertPathValidator.getInstance("PKIX").validate(path, parameters);
            return List.copyOf(shown);
        } catch (GeneralSecurityException e) {
            LOG.atDebug().addKeyValue("reason", e.getMessage()).log("client certificate does not count");
            return List.of();
        }
    }

    private List<X509Certificate> withoutAnchors(List<X509Certificate> shown) {
        var path = new ArrayList<>(shown);
        path.removeAll(authorities);
        return path;
    }
}
