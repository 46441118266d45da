package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A port of the node that a pod takes.
///
/// @param address of the node's; empty for all
record HostPort(String protocol, int port, String address) {

    private static final String ALL = "0.0.0.0";

    /// Of ordinary containers and sidecars, of a pod that has not ended.
    static List<HostPort> of(Pod pod) {
        String phase =
                pod.getStatus() == null ? "" : String.valueOf(pod.getStatus().getPhase());
        var ports = new ArrayList<HostPort>();
        if (phase.equals("Failed") || phase.equals("Succeeded")) {
            return ports;
        }
        for (Container container : Stream.concat(
                        pod.getSpec().getContainers().stream(),
                        pod.getSpec().getInitContainers().stream().filter(PodView::isSidecar))
                .toList()) {
            for (ContainerPort port : container.getPorts()) {
                if (port.getHostPort() != null && port.getHostPort() > 0) {
                    ports.add(new HostPort(
                            port.getProtocol() == null ? "TCP" : port.getProtocol(),
                            port.getHostPort(),
                            port.getHostIP() == null || port.getHostIP().equals(ALL) ? "" : port.getHostIP()));
                }
            }
        }
        return ports;
    }

    boolean collides(HostPort other) {
        return port == other.port
                && protocol.equals(other.protocol)
                && (address.isEmpty() || other.address.isEmpty() || address.equals(other.address));
    }
}
