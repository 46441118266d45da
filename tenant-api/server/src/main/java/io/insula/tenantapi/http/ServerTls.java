package io.insula.tenantapi.http;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/// The TLS material of a server.
///
/// @param chain leaf first
/// @param clientAuthorities whose client certificates count; others are as if none had been shown
public record ServerTls(List<X509Certificate> chain, PrivateKey key, List<X509Certificate> clientAuthorities) {
    public ServerTls {
        chain = List.copyOf(chain);
        clientAuthorities = List.copyOf(clientAuthorities);
    }
}
