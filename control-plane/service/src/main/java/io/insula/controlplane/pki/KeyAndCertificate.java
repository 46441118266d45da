package io.insula.controlplane.pki;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/// A private key with the certificate of its public half.
public record KeyAndCertificate(PrivateKey key, X509Certificate certificate) {

    private static final int CURVE_BITS = 256;

    public String keyPem() {
        return Pem.encode("PRIVATE KEY", key.getEncoded());
    }

    /// The key in the older form of RFC 5915 (`EC PRIVATE KEY`), with the curve and the public half in it: every
    /// Kubernetes client reads that. Kubernetes' own Java client fails without the public half.
    public String ecKeyPem() {
        try {
            var publicHalf = SubjectPublicKeyInfo.getInstance(
                            certificate.getPublicKey().getEncoded())
                    .getPublicKeyData();
            var sec1 = new ECPrivateKey(
                    CURVE_BITS,
                    ((java.security.interfaces.ECPrivateKey) key).getS(),
                    publicHalf,
                    SECObjectIdentifiers.secp256r1);
            return Pem.encode("EC PRIVATE KEY", sec1.getEncoded());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot encode a key in memory", e);
        }
    }

    public String certificatePem() {
        return Pem.of(certificate);
    }

    @Override
    public String toString() {
        return "KeyAndCertificate[" + certificate.getSubjectX500Principal() + "]";
    }
}
