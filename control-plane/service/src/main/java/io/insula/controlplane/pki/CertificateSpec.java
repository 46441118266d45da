package io.insula.controlplane.pki;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/// What a certificate is to say.
///
/// @param commonName the user name, for client certificates of a Kubernetes API server
/// @param organizations the user's groups, likewise
/// @param names DNS names and IP addresses (as text) that a server answers to
public record CertificateSpec(
        String commonName, List<String> organizations, List<String> names, Set<Usage> usages, Duration validity) {

    /// Ten years: what nobody replaces unasked must outlive any test cluster.
    public static final Duration LONG = Duration.ofDays(3650);

    public enum Usage {
        SERVER,
        CLIENT
    }

    public CertificateSpec {
        if (commonName.isBlank()) {
            throw new IllegalArgumentException("commonName: empty");
        }
        organizations = List.copyOf(organizations);
        names = List.copyOf(names);
        usages = Set.copyOf(usages);
    }

    public static CertificateSpec server(String commonName, List<String> names) {
        return new CertificateSpec(commonName, List.of(), names, Set.of(Usage.SERVER), LONG);
    }

    public static CertificateSpec client(String user, List<String> groups, Duration validity) {
        return new CertificateSpec(user, groups, List.of(), Set.of(Usage.CLIENT), validity);
    }

    /// For etcd, whose members are clients of each other and of themselves.
    public static CertificateSpec peer(String commonName, List<String> names) {
        return new CertificateSpec(commonName, List.of(), names, Set.of(Usage.SERVER, Usage.CLIENT), LONG);
    }
}
