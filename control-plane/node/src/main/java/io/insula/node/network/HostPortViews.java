package io.insula.node.network;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Ports of the node that its pods ask for, as node ports of Services of one endpoint each. Pure.
///
/// Two pods that want the same port are not both admitted; while one takes the other's place, the first keeps it. A
/// Service's node port goes first.
final class HostPortViews {

    private HostPortViews() {}

    /// @param pods of the whole cluster
    /// @param block addresses of this node's
    /// @param services whose node ports are taken
    static List<ServicePortView> of(List<Pod> pods, AddressBlock block, List<ServicePortView> services) {
        Set<String> taken = services.stream().map(HostPortViews::key).collect(Collectors.toCollection(HashSet::new));
        return pods.stream()
                .flatMap(pod -> address(pod, block).stream().flatMap(address -> ports(pod, address)))
                .filter(view -> taken.add(key(view)))
                .toList();
    }

    private static String key(ServicePortView view) {
        return view.protocol() + view.nodePort();
    }

    /// Empty for pods of other nodes, for those in the machine's network, and for those that have ended.
    private static Optional<String> address(Pod pod, AddressBlock block) {
        var status = pod.getStatus();
        boolean isOver = status == null || Set.of("Succeeded", "Failed").contains(String.valueOf(status.getPhase()));
        return isOver || Boolean.TRUE.equals(pod.getSpec().getHostNetwork())
                ? Optional.empty()
                : Optional.ofNullable(status.getPodIP())
                        .flatMap(IpAddress::parse)
                        .filter(IpAddress::isIpv4)
                        .filter(block::covers)
                        .map(IpAddress::toString);
    }

    private static Stream<ServicePortView> ports(Pod pod, String address) {
        return Stream.concat(
                        pod.getSpec().getContainers().stream(),
                        pod.getSpec().getInitContainers().stream()
                                .filter(init -> "Always".equals(init.getRestartPolicy())))
                .flatMap(container -> container.getPorts().stream())
                .filter(port -> Objects.requireNonNullElse(port.getHostPort(), 0) > 0)
                .map(port -> view(pod, port, address));
    }

    private static ServicePortView view(Pod pod, ContainerPort port, String address) {
        String protocol = ServiceViews.protocol(port.getProtocol());
        var backend = new Backend(address, port.getContainerPort(), true, true, true, false);
        return new ServicePortView(
                "host port " + pod.getMetadata().getUid() + ":" + port.getHostPort() + ":" + protocol,
                protocol,
                port.getContainerPort(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                port.getHostPort(),
                0,
                false,
                false,
                Backends.of(List.of(backend)));
    }
}
