package io.insula.tenantapi.controllers;

/// What controllers must know of their cluster besides its API.
///
/// @param rootCaPem the certificate authority of the API server, PEM; published as `kube-root-ca.crt`
/// @param signer signs certificate signing requests
/// @param tokens fills token Secrets

public record ClusterFacts(String rootCaPem, CertificateSigner signer, SecretTokens tokens) {

    /// Signs the tokens of `kubernetes.io/service-account-token` Secrets.
    @FunctionalInterface
    public interface SecretTokens {
        String issue(String namespace, String serviceAccount, String serviceAccountUid, String secret);
    }

    /// Of a cluster whose token Secrets stay empty.
    public ClusterFacts(String rootCaPem, CertificateSigner signer) {
        this(rootCaPem, signer, (namespace, serviceAccount, serviceAccountUid, secret) -> "");
    }

    public ClusterFacts withTokens(SecretTokens others) {
        return new ClusterFacts(rootCaPem, signer, others);
    }

    /// Of a cluster that signs no certificates.
    public ClusterFacts(String rootCaPem) {
        this(rootCaPem, CertificateSigner.NONE);
    }
}
