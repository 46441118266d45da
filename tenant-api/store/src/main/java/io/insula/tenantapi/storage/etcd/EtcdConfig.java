package io.insula.tenantapi.storage.etcd;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a tenant's etcd is and how to speak to it.
///
/// @param endpoints `host:port` of each member, at least one; a DNS name may stand for several members
/// @param tls null for plain text, which only tests should use
/// @param deadline for each call, after which the store counts as unavailable
public record EtcdConfig(List<String> endpoints, @Nullable Tls tls, Duration deadline) {

    private static final Duration DEADLINE = Duration.ofSeconds(10);

    /// How to speak TLS.
    public sealed interface Tls {}

    /// PEM files; the key is PKCS #8 or SEC1.
    ///
    /// @param ca whom we trust as etcd
    public record FileTls(Path ca, Path certificate, Path key) implements Tls {}

    /// What is in memory already, and may be in no file.
    ///
    /// @param ca whom we trust as etcd
    public record HeldTls(X509Certificate ca, X509Certificate certificate, PrivateKey key) implements Tls {
        @Override
        public String toString() {
            return "HeldTls[" + certificate.getSubjectX500Principal() + "]";
        }
    }

    public EtcdConfig {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("endpoints: none (expected: at least one host:port)");
        }
        for (String endpoint : endpoints) {
            if (endpoint.contains("/") || endpoint.lastIndexOf(':') < 1) {
                throw new IllegalArgumentException("endpoint: " + endpoint + " (expected: host:port)");
            }
        }
    }

    public static EtcdConfig plain(String endpoint) {
        return new EtcdConfig(List.of(endpoint), null, DEADLINE);
    }

    public static EtcdConfig tls(List<String> endpoints, Path ca, Path certificate, Path key) {
        return tls(endpoints, new FileTls(ca, certificate, key));
    }

    public static EtcdConfig tls(List<String> endpoints, Tls tls) {
        return new EtcdConfig(endpoints, tls, DEADLINE);
    }
}
