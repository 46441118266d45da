package io.insula.tenantapi.aggregation;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;

/// The certificate by which servers behind know that a request comes through this one.
///
/// @param chain leaf first, of the tenant's own front-proxy authority
public record ProxyIdentity(List<X509Certificate> chain, PrivateKey key) {

    public ProxyIdentity {
        chain = List.copyOf(chain);
    }

    List<KeyManager> keyManagers() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("front-proxy", key, new char[0], chain.toArray(Certificate[]::new));
            var factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(store, new char[0]);
            return List.of(factory.getKeyManagers());
        } catch (GeneralSecurityException | java.io.IOException e) {
            throw new IllegalArgumentException("front-proxy key and certificate do not fit together", e);
        }
    }
}
