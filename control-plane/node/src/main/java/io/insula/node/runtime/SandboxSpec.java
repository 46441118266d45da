package io.insula.node.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A sandbox as it shall be.
///
/// @param logs folder of the logs of its containers
/// @param dns what `/etc/resolv.conf` says; empty for the machine's
/// @param cgroupParent below which all of it lives
/// @param sysctls by name
/// @param security of the sandbox's own process
public record SandboxSpec(
        Name name,
        String hostname,
        Path logs,
        Optional<Dns> dns,
        List<PortMapping> ports,
        Map<String, String> labels,
        Map<String, String> annotations,
        String cgroupParent,
        Namespaces namespaces,
        Map<String, String> sysctls,
        Security security,
        Resources overhead) {
    public SandboxSpec {
        ports = List.copyOf(ports);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        sysctls = Map.copyOf(sysctls);
    }

    /// Whose sandbox it is.
    ///
    /// @param attempt how many the pod had before
    public record Name(String namespace, String pod, String uid, int attempt) {}

    public record Dns(List<String> servers, List<String> searches, List<String> options) {
        public Dns {
            servers = List.copyOf(servers);
            searches = List.copyOf(searches);
            options = List.copyOf(options);
        }
    }

    /// @param protocol `TCP`, `UDP` or `SCTP`
    public record PortMapping(String protocol, int containerPort, int hostPort, String hostIp) {}

    /// Which namespaces are the machine's own, and whether the pod's containers share one of processes.
    public record Namespaces(boolean hostNetwork, boolean hostPid, boolean hostIpc, boolean sharedPid) {}
}
