package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.ReservedBlocks;
import io.insula.syncer.engine.HostRanges;
import io.insula.syncer.engine.NodeAddresses;
import io.insula.syncer.engine.TenantView;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// Which addresses belong to the host cluster, or to the machines and the cloud under it: tenants are not to be
/// led there. The pods of all tenants, the host's Services, its nodes and API servers, what its operator adds
/// ([HostRanges#others]), and what every machine has to itself. Immutable.
///
/// Where the host does not say where its pods or its Services are, or a pod of the tenant's is somewhere else,
/// no address is known to be outside.
///
/// @param gap why no address is known to be outside; empty where the host's are known
/// @param pods where pods are, all tenants'
/// @param services where Services are
/// @param inside all that is inside, pods and Services too
record HostNetwork(
        Optional<String> gap, List<AddressBlock> pods, List<AddressBlock> services, List<AddressBlock> inside) {

    /// IPv6 that stands for IPv4 or for this machine, and that no packet in a pod network should bear: a policy
    /// leaves it out as a whole, as a CNI may take such a block for the IPv4 one. `::/64` has the loopback address
    /// and the mapped, compatible and translated ones; upstream takes no exception that is of mapped addresses
    /// only. Source: RFC 4291, RFC 2765, RFC 7526 (6to4), RFC 4380 (Teredo).
    private static final List<AddressBlock> DISGUISED =
            Stream.of("::/64", "2002::/16", "2001::/32").map(AddressBlock::of).toList();

    HostNetwork {
        pods = List.copyOf(pods);
        services = List.copyOf(services);
        inside = List.copyOf(inside);
    }

    /// What of a node it depends on; empty for another object.
    static Optional<Object> of(HasMetadata host) {
        return host instanceof Node node
                ? Optional.of(Stream.concat(
                                NodeAddresses.podBlocks(node),
                                NodeAddresses.own(node).map(AddressBlock::toString))
                        .toList())
                : Optional.empty();
    }

    /// Empty until the host has been asked.
    static Optional<HostNetwork> of(TenantView view) {
        return view.hostRanges().map(ranges -> of(ranges, view));
    }

    private static HostNetwork of(HostRanges ranges, TenantView view) {
        var nodes = view.hostObjects(Kinds.NODE);
        var gaps = new ArrayList<String>();
        var pods = new ArrayList<>(ranges.pods());
        nodes.stream()
                .flatMap(NodeAddresses::podBlocks)
                .forEach(text -> AddressBlock.parse(text)
                        .ifPresentOrElse(pods::add, () -> gaps.add("a node's pod range cannot be read")));
        if (pods.isEmpty()) {
            gaps.add("the shared cluster does not say where its pods are");
        }
        if (!ranges.nameServices()) {
            gaps.add("the shared cluster does not say where its Services are");
        }
        if (!pods.isEmpty()
                && ownAddresses(view).anyMatch(own -> pods.stream().noneMatch(block -> block.covers(own)))) {
            gaps.add("the shared cluster has pods elsewhere than it says");
        }
        var inside = new ArrayList<>(ReservedBlocks.ALL);
        inside.addAll(pods);
        inside.addAll(ranges.services());
        inside.addAll(ranges.others());
        nodes.stream().flatMap(NodeAddresses::own).forEach(inside::add);
        return new HostNetwork(
                gaps.stream().findFirst(),
                AddressBlock.merged(pods),
                AddressBlock.merged(ranges.services()),
                AddressBlock.merged(inside));
    }

    /// Whether nobody of the host's is at an address: neither at it nor at an IPv4 address that it carries. What
    /// cannot be read is inside.
    boolean isOutside(String address) {
        var read = AddressBlock.address(address);
        return gap.isEmpty()
                && read.isPresent()
                && isOutside(read.get())
                && read.get().embedded().stream().allMatch(this::isOutside);
    }

    private boolean isOutside(AddressBlock address) {
        return inside.stream().noneMatch(block -> block.overlaps(address));
    }

    /// Blocks that a policy must leave out so that it leads to nobody of the host's.
    List<AddressBlock> holes() {
        return holes(inside);
    }

    /// Blocks that a policy must leave out so that it leads to no pod.
    List<AddressBlock> podHoles() {
        return holes(pods);
    }

    /// Blocks that a policy must leave out so that it leads to no pod, not by a Service either.
    List<AddressBlock> workloadHoles() {
        return holes(Stream.concat(pods.stream(), services.stream()).toList());
    }

    private static List<AddressBlock> holes(List<AddressBlock> blocks) {
        var holes = new ArrayList<>(DISGUISED);
        holes.addAll(blocks);
        blocks.stream()
                .filter(AddressBlock::isIpv4)
                .map(AddressBlock::throughNat64)
                .forEach(holes::add);
        return AddressBlock.merged(holes);
    }

    /// Where the tenant's API server is, if that is an address.
    static Optional<AddressBlock> apiServer(TenantView view) {
        var host = Objects.requireNonNullElse(view.apiServer().getHost(), "");
        return AddressBlock.address(host.startsWith("[") ? host.substring(1, host.length() - 1) : host);
    }

    /// The addresses that a host pod has to itself.
    static Stream<AddressBlock> addresses(Pod pod) {
        boolean sharesNodes =
                pod.getSpec() != null && Boolean.TRUE.equals(pod.getSpec().getHostNetwork());
        return pod.getStatus() == null || sharesNodes
                ? Stream.of()
                : Stream.concat(
                                Stream.ofNullable(pod.getStatus().getPodIP()),
                                pod.getStatus().getPodIPs().stream().map(PodIP::getIp))
                        .filter(Objects::nonNull)
                        .distinct()
                        .flatMap(address -> AddressBlock.address(address).stream());
    }

    private static Stream<AddressBlock> ownAddresses(TenantView view) {
        return view.hostObjects(Kinds.POD).stream().flatMap(HostNetwork::addresses);
    }
}
