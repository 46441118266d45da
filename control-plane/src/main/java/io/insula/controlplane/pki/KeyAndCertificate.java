package io.insula.controlplane.pki;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;

/// A private key with the certificate of its public half.
public record KeyAndCertificate(PrivateKey key, X509Certificate certificate) {

    public String keyPem() {
        return Pem.encode("PRIVATE KEY", key.getEncoded());
    }

    /// The key in the older form of RFC 5915 (`EC PRIVATE KEY`), which every Kubernetes client reads.
    public String ecKeyPem() {
        var text = new StringWriter();
        try (var pem = new JcaPEMWriter(text)) {
            pem.writeObject(key);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a key to memory", e);
        }
        return text.toString();
    }

    public String certificatePem() {
        return Pem.of(certificate);
    }

    @Override
    public String toString() {
        return "KeyAndCertificate[" + certificate.getSubjectX500Principal() + "]";
    }
}
