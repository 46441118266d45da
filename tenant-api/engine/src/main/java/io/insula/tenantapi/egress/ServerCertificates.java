package io.insula.tenantapi.egress;

import io.insula.rules.network.IpAddress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Trust in one server by the authorities of a caBundle and the name that its certificate must have. The name is
/// checked here and not by the client, which only knows the address that a Service has been resolved to.
final class ServerCertificates extends X509ExtendedTrustManager {

    private static final int DNS = 2;
    private static final int IP = 7;

    private final X509TrustManager authorities;
    private final String name;

    private ServerCertificates(X509TrustManager authorities, String name) {
        this.authorities = authorities;
        this.name = name;
    }

    /// @param keys of a client certificate; empty for none
    /// @throws EgressException where the bundle is of no use
    static SSLContext context(Trust wanted, String name, List<KeyManager> keys) throws EgressException {
        try {
            TrustManager trust =
                    wanted.verify() ? new ServerCertificates(authorities(wanted.bytes()), name) : new Anyone();
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.toArray(KeyManager[]::new), new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new EgressException("unable to load root certificates: unable to parse bytes as PEM block", e);
        }
    }

    private static X509TrustManager authorities(byte[] caBundle) throws GeneralSecurityException, IOException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        if (caBundle.length == 0) {
            factory.init((KeyStore) null);
        } else {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int i = 0;
            for (var certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(caBundle))) {
                store.setCertificateEntry("ca" + i++, certificate);
            }
            if (i == 0) {
                throw new CertificateException("no certificate");
            }
            factory.init(store);
        }
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                return x509;
            }
        }
        throw new GeneralSecurityException("no X.509 trust manager");
    }

    private void check(X509Certificate[] chain, String authType) throws CertificateException {
        try {
            authorities.checkServerTrusted(chain, authType);
        } catch (CertificateException e) {
            throw new CertificateException(
                    "tls: failed to verify certificate: x509: certificate signed by unknown authority", e);
        }
        Collection<List<?>> names = chain[0].getSubjectAlternativeNames();
        if (names == null || names.stream().noneMatch(this::isMine)) {
            throw new CertificateException(
                    "tls: failed to verify certificate: x509: certificate is not valid for " + name);
        }
    }

    private boolean isMine(List<?> alternative) {
        int type = (Integer) Objects.requireNonNull(alternative.get(0));
        if (type != DNS && type != IP) {
            return false;
        }
        String given = Objects.requireNonNull(alternative.get(1)).toString().toLowerCase(Locale.ROOT);
        String wanted = name.toLowerCase(Locale.ROOT);
        if (type == DNS && given.startsWith("*.")) {
            int dot = wanted.indexOf('.');
            return dot > 0 && wanted.substring(dot).equals(given.substring(1));
        }
        // an address may be spelled in several ways
        return type == IP ? IpAddress.parse(given).equals(IpAddress.parse(wanted)) : given.equals(wanted);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        check(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        check(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("no server");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        throw new CertificateException("no server");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("no server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    /// For an APIService that says insecureSkipTLSVerify: whoever answers is believed.
    private static final class Anyone extends X509ExtendedTrustManager {
        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
