package io.insula.tenantapi.http;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides which client certificates count. The handshake takes any whose key the client proves to have; only a chain
/// that this class accepts is shown to authenticators, so that a stranger's certificate ends as 401 and not as a broken
/// connection. Immutable. Source: kubernetes/apiserver, `authentication/request/x509`; the rules are those of Go's
/// `x509.Certificate.Verify`.
final class ClientCertificates {

    private static final Logger LOG = LoggerFactory.getLogger(ClientCertificates.class);

    /// clientAuth and any.
    private static final Set<String> CLIENT_USAGES = Set.of("1.3.6.1.5.5.7.3.2", "2.5.29.37.0");

    private final List<X509Certificate> authorities;

    ClientCertificates(List<X509Certificate> authorities) {
        this.authorities = List.copyOf(authorities);
    }

    /// The chain that leads from what the peer showed to one of the authorities, leaf first; empty where there is none
    /// that is valid now and good for clients.
    List<X509Certificate> verified(Certificate[] shown) {
        if (authorities.isEmpty() || shown.length == 0) {
            return List.of();
        }
        try {
            PKIXCertPathBuilderResult built = build(shown);
            X509Certificate anchor = built.getTrustAnchor().getTrustedCert();
            anchor.checkValidity();
            var chain = new ArrayList<X509Certificate>();
            built.getCertPath().getCertificates().forEach(each -> chain.add((X509Certificate) each));
            return allForClients(chain) && isForClients(anchor) ? List.copyOf(chain) : List.of();
        } catch (GeneralSecurityException e) {
            LOG.atDebug().addKeyValue("reason", e.getMessage()).log("client certificate does not count");
            return List.of();
        }
    }

    /// What the peer showed beside its own certificate may come in any order, and more than is needed.
    private PKIXCertPathBuilderResult build(Certificate[] shown) throws GeneralSecurityException {
        var target = new X509CertSelector();
        target.setCertificate((X509Certificate) shown[0]);
        Set<TrustAnchor> anchors = authorities.stream()
                .map(authority -> new TrustAnchor(authority, null))
                .collect(Collectors.toSet());
        var parameters = new PKIXBuilderParameters(anchors, target);
        parameters.setRevocationEnabled(false);
        parameters.addCertStore(
                CertStore.getInstance("Collection", new CollectionCertStoreParameters(Arrays.asList(shown))));
        return (PKIXCertPathBuilderResult) CertPathBuilder.getInstance("PKIX").build(parameters);
    }

    private static boolean allForClients(List<X509Certificate> chain) throws CertificateParsingException {
        for (X509Certificate each : chain) {
            if (!isForClients(each)) {
                return false;
            }
        }
        return true;
    }

    /// As in Go, a certificate that names no usage is good for all, and an authority's usages bind what it issues.
    private static boolean isForClients(X509Certificate certificate) throws CertificateParsingException {
        List<String> usages = certificate.getExtendedKeyUsage();
        return usages == null || usages.stream().anyMatch(CLIENT_USAGES::contains);
    }

    /// For the handshake: names the authorities, so that clients know what to show, and refuses nothing.
    X509ExtendedTrustManager handshakeTrust() {
        return new TakesAnyClient(authorities);
    }

    private static final class TakesAnyClient extends X509ExtendedTrustManager {

        private final List<X509Certificate> authorities;

        TakesAnyClient(List<X509Certificate> authorities) {
            this.authorities = authorities;
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return authorities.toArray(X509Certificate[]::new);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            throw new IllegalStateException("this side is the server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            checkServerTrusted(chain, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            checkServerTrusted(chain, type);
        }
    }
}
