package io.insula.node.pod;

import io.fabric8.kubernetes.api.model.HostAlias;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.rules.keys.InsulaKeys;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// A pod's `/etc/hosts`. Source: Kubernetes, "Adding entries to Pod /etc/hosts with HostAliases". Stateless.
public final class HostsFile {

    private HostsFile() {}

    public static String of(Pod pod, List<String> addresses, NodeFacts node) {
        var text = new StringBuilder("""
                # Kubernetes-managed hosts file.
                127.0.0.1\tlocalhost
                ::1\tlocalhost ip6-localhost ip6-loopback
                fe00::0\tip6-localnet
                fe00::0\tip6-mcastprefix
                fe00::1\tip6-allnodes
                fe00::2\tip6-allrouters
                """);
        String hostname = SandboxSpecs.hostname(pod);
        String names = qualified(pod, node).map(name -> "\t" + name).orElse("") + "\t" + hostname;
        for (String address : addresses) {
            text.append(address).append(names).append('\n');
        }
        if (!pod.getSpec().getHostAliases().isEmpty()) {
            text.append("\n# Entries added by HostAliases.\n");
            for (HostAlias alias : pod.getSpec().getHostAliases()) {
                text.append(alias.getIp())
                        .append('\t')
                        .append(String.join("\t", alias.getHostnames()))
                        .append('\n');
            }
        }
        return text.toString();
    }

    /// Its name below that of its Service, for a tenant's pod as its tenant has it: the host's own object names no
    /// subdomain.
    private static Optional<String> qualified(Pod pod, NodeFacts node) {
        String tenants = SandboxSpecs.tenantNamespace(pod);
        String namespace = tenants.isEmpty() ? pod.getMetadata().getNamespace() : tenants;
        String subdomain = tenants.isEmpty()
                ? Objects.requireNonNullElse(pod.getSpec().getSubdomain(), "")
                : pod.getMetadata().getAnnotations().getOrDefault(InsulaKeys.SUBDOMAIN, "");
        return subdomain.isEmpty()
                ? Optional.empty()
                : Optional.of(String.join(
                        ".", SandboxSpecs.hostname(pod), subdomain, namespace, "svc", node.clusterDomain()));
    }
}
