package io.insula.controlplane.pki;

import io.insula.rules.digest.Sha256;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;

/// A kubeconfig with what is told of it in public.
///
/// @param yaml holds the private key: nobody keeps it
/// @param credentialId as the API server's audit events name the certificate, under
///     `authentication.kubernetes.io/credential-id`
/// @param expires when the certificate ends
public record IssuedKubeconfig(String yaml, String credentialId, Instant expires) {

    static IssuedKubeconfig of(String yaml, X509Certificate certificate) {
        try {
            return new IssuedKubeconfig(
                    yaml,
                    "X509SHA256=" + Sha256.hex(certificate.getEncoded()),
                    certificate.getNotAfter().toInstant());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate cannot be hashed", e);
        }
    }
}
