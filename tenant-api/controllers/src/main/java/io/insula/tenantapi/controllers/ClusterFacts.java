package io.insula.tenantapi.controllers;

import io.insula.tenantapi.auth.ServiceAccountTokens;

/// What controllers must know of their cluster besides its API.
///
/// @param rootCaPem the certificate authority of the API server, PEM; published as `kube-root-ca.crt`
/// @param signer signs certificate signing requests
/// @param tokens fills token Secrets

public record ClusterFacts(String rootCaPem, CertificateSigner signer, SecretTokens tokens) {

    /// Signs the tokens of `kubernetes.io/service-account-token` Secrets.
    @FunctionalInterface
    public interface SecretTokens {

        /// As the cluster's own server signs and judges them.
        static SecretTokens of(ServiceAccountTokens tokens) {
            return new SecretTokens() {
                @Override
                public String issue(String namespace, String account, String uid, String secret) {
                    return tokens.issueLegacy(namespace, account, uid, secret);
                }

                @Override
                public boolean isOutdated(String token) {
                    return tokens.isOutdated(token);
                }
            };
        }

        String issue(String namespace, String serviceAccount, String serviceAccountUid, String secret);

        /// Whether a token that a Secret has was made for one, with a key that is taken no more: it is worth nothing.
        default boolean isOutdated(String token) {
            return false;
        }
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
