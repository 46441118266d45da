package io.insula.controlplane.cluster;

import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.KeyAndCertificate;
import io.insula.tenantapi.http.ServerTls;
import java.util.List;
import java.util.Map;

/// Whom an API server trusts, and who trusts it, by the keys of its cluster. Stateless.
final class ServingTrust {

    private ServingTrust() {}

    /// What it shows to clients, and whose certificates it takes.
    ///
    /// @param own the certificate that it shows
    static ServerTls tls(ClusterPki pki, KeyAndCertificate own) {
        return new ServerTls(List.of(own.certificate()), own.key(), pki.trusted(), pki.trustedFrontProxies());
    }

    /// What API servers behind it need to believe it. Source: kubernetes/kubernetes,
    /// `cluster_authentication_trust_controller.go`.
    static Map<String, String> extensionAuthentication(ClusterPki pki) {
        return Map.of(
                "client-ca-file", pki.trustPem(),
                "requestheader-client-ca-file",
                        ClusterPki.trustPem(pki.frontProxyAuthorities().now()),
                "requestheader-allowed-names", "[\"front-proxy-client\"]",
                "requestheader-username-headers", "[\"X-Remote-User\"]",
                "requestheader-uid-headers", "[\"X-Remote-Uid\"]",
                "requestheader-group-headers", "[\"X-Remote-Group\"]",
                "requestheader-extra-headers-prefix", "[\"X-Remote-Extra-\"]");
    }
}
