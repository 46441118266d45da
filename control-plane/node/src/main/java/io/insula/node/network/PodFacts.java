package io.insula.node.network;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.rules.network.IpAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// A pod with an address of its own, as far as packets are concerned. Immutable.
///
/// @param created when its object was, as the API has it
/// @param tenant whose it is; empty for the host's own
/// @param ports named ones
record PodFacts(
        String namespace,
        String name,
        String uid,
        String created,
        String address,
        String tenant,
        Map<String, String> labels,
        List<NamedPort> ports) {
    PodFacts {
        labels = Map.copyOf(labels);
        ports = List.copyOf(ports);
    }

    /// @param protocol as nftables has it
    record NamedPort(String name, String protocol, int number) {}

    /// Empty for pods that have no address of their own, or had one: it may be another's by now.
    static Optional<PodFacts> of(Pod pod, Map<String, String> tenants) {
        var status = pod.getStatus();
        boolean isOver = status != null && Set.of("Succeeded", "Failed").contains(String.valueOf(status.getPhase()));
        if (status == null
                || isOver
                || pod.getSpec() == null
                || Boolean.TRUE.equals(pod.getSpec().getHostNetwork())) {
            return Optional.empty();
        }
        var meta = pod.getMetadata();
        return Optional.ofNullable(status.getPodIP())
                .flatMap(IpAddress::parse)
                .filter(IpAddress::isIpv4)
                .map(address -> new PodFacts(
                        meta.getNamespace(),
                        meta.getName(),
                        meta.getUid() == null ? "" : meta.getUid(),
                        meta.getCreationTimestamp() == null ? "" : meta.getCreationTimestamp(),
                        address.toString(),
                        tenants.getOrDefault(meta.getNamespace(), ""),
                        meta.getLabels() == null ? Map.of() : meta.getLabels(),
                        named(pod)));
    }

    private static List<NamedPort> named(Pod pod) {
        var all = new LinkedHashSet<NamedPort>();
        Stream.concat(pod.getSpec().getContainers().stream(), pod.getSpec().getInitContainers().stream())
                .map(Container::getPorts)
                .flatMap(List::stream)
                .filter(port -> port.getName() != null && port.getContainerPort() != null)
                .forEach(port -> all.add(new NamedPort(port.getName(), protocol(port), port.getContainerPort())));
        return List.copyOf(all);
    }

    private static String protocol(ContainerPort port) {
        return ServiceViews.protocol(port.getProtocol());
    }
}
