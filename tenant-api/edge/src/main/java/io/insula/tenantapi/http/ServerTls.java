package io.insula.tenantapi.http;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/// The TLS material of a server.
///
/// @param chain leaf first
/// @param clientAuthorities whose client certificates count; others are as if none had been shown
/// @param proxyAuthorities whose certificates prove a front proxy: one that speaks for users by headers. Never the
///     same as those of users: a user's certificate must not speak for others, nor a proxy's be a user's
public record ServerTls(
        List<X509Certificate> chain,
        PrivateKey key,
        List<X509Certificate> clientAuthorities,
        List<X509Certificate> proxyAuthorities) {
    public ServerTls {
        chain = List.copyOf(chain);
        clientAuthorities = List.copyOf(clientAuthorities);
        proxyAuthorities = List.copyOf(proxyAuthorities);
    }

    /// Without front proxies.
    public ServerTls(List<X509Certificate> chain, PrivateKey key, List<X509Certificate> clientAuthorities) {
        this(chain, key, clientAuthorities, List.of());
    }
}
