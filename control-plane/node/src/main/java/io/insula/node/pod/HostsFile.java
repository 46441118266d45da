package io.insula.node.pod;

import io.fabric8.kubernetes.api.model.HostAlias;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;

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
        String subdomain = pod.getSpec().getSubdomain();
        for (String address : addresses) {
            text.append(address);
            if (subdomain != null && !subdomain.isEmpty()) {
                text.append('\t')
                        .append(String.join(
                                ".",
                                hostname,
                                subdomain,
                                pod.getMetadata().getNamespace(),
                                "svc",
                                node.clusterDomain()));
            }
            text.append('\t').append(hostname).append('\n');
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
}
