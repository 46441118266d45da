package io.insula.controlplane.pki;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;

/// A kubeconfig with what is told of it in public.
///
/// @param yaml holds the private key: nobody keeps it
/// @param credentialId as the API server's audit events name the certificate, under
///     `authentication.kubernetes.io/credential-id`
/// @param expires when the certificate ends
public record IssuedKubeconfig(String yaml, String credentialId, Instant expires) {

    static IssuedKubeconfig of(String yaml, X509Certificate certificate) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return new IssuedKubeconfig(
                    yaml,
                    "X509SHA256=" + HexFormat.of().formatHex(hash),
                    certificate.getNotAfter().toInstant());
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException("a certificate cannot be hashed", e);
        }
    }
}
