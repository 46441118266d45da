package io.insula.tenantapi.controllers;

/// What controllers must know of their cluster besides its API.
///
/// @param rootCaPem the certificate authority of the API server, PEM; published as `kube-root-ca.crt`
/// @param signer signs certificate signing requests

public record ClusterFacts(String rootCaPem, CertificateSigner signer) {

    /// Of a cluster that signs no certificates.
    public ClusterFacts(String rootCaPem) {
        this(rootCaPem, CertificateSigner.NONE);
    }
}
