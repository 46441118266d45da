package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// Ports of a policy's rule. Source: Kubernetes API, `NetworkPolicyPort`.
final class PolicyPorts {

    private static final int DNS = 53;

    private PolicyPorts() {}

    /// One port.
    static NetworkPolicyPort of(String protocol, int port) {
        return new NetworkPolicyPortBuilder()
                .withProtocol(protocol)
                .withNewPort(port)
                .build();
    }

    /// Those at which names are resolved, as far as a rule means them.
    static List<NetworkPolicyPort> dns(List<NetworkPolicyPort> ports) {
        return Stream.of("UDP", "TCP")
                .filter(protocol -> cover(ports, protocol, DNS))
                .map(protocol -> of(protocol, DNS))
                .toList();
    }

    /// Whether a rule of these ports means this one. A name means a port of a pod's, and none by number.
    static boolean cover(List<NetworkPolicyPort> ports, String protocol, int port) {
        return ports.isEmpty() || ports.stream().anyMatch(each -> covers(each, protocol, port));
    }

    private static boolean covers(NetworkPolicyPort own, String protocol, int port) {
        if (!Objects.requireNonNullElse(own.getProtocol(), "TCP").equals(protocol)) {
            return false;
        }
        if (own.getPort() == null) {
            return true;
        }
        var first = own.getPort().getIntVal();
        return first != null && first <= port && port <= Objects.requireNonNullElse(own.getEndPort(), first);
    }
}
