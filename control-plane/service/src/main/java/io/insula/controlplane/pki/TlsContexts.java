package io.insula.controlplane.pki;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Turns keys and certificates into what the JDK's TLS wants.
public final class TlsContexts {

    private TlsContexts() {}

    /// A client that shows `own` and trusts only `authority`.
    public static SSLContext client(KeyAndCertificate own, X509Certificate authority) {
        try {
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(keyStore(own, new char[0]), new char[0]);
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trustStore(authority));
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot set up TLS for " + own, e);
        }
    }

    /// A client that shows nothing and trusts only these authorities.
    ///
    /// @param authoritiesPem empty for those of the platform
    /// @throws GeneralSecurityException when that are no certificates
    public static SSLContext trusting(String authoritiesPem) throws GeneralSecurityException {
        if (authoritiesPem.isEmpty()) {
            return SSLContext.getDefault();
        }
        KeyStore known = empty();
        var read = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(authoritiesPem.getBytes(StandardCharsets.US_ASCII)));
        for (Certificate each : read) {
            known.setCertificateEntry("authority-" + known.size(), each);
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(known);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore keyStore(KeyAndCertificate own, char[] password) {
        try {
            KeyStore store = empty();
            store.setKeyEntry("own", own.key(), password, new X509Certificate[] {own.certificate()});
            return store;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot hold the key of " + own, e);
        }
    }

    private static KeyStore trustStore(X509Certificate authority) {
        try {
            KeyStore store = empty();
            store.setCertificateEntry("authority", authority);
            return store;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot hold " + authority.getSubjectX500Principal(), e);
        }
    }

    private static KeyStore empty() throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new IllegalStateException("an empty key store needs no input", e);
        }
        return store;
    }
}
