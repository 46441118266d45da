package io.insula.syncer.engine;

import io.insula.rules.network.AddressBlock;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/// Addresses that belong to the host cluster, as far as its operator or the host itself says so. Immutable.
///
/// @param pods where its pods are. Nodes' `podCIDRs` count besides; under Calico, Cilium or a cloud's own network
///     those are not where pods are, and this has to say it
/// @param services where its Services are
/// @param others its machines', its API servers', and whatever else tenants must not reach
public record HostRanges(List<AddressBlock> pods, List<AddressBlock> services, List<AddressBlock> others) {

    public static final HostRanges NONE = new HostRanges(List.of(), List.of(), List.of());

    public HostRanges {
        pods = List.copyOf(pods);
        services = List.copyOf(services);
        others = List.copyOf(others);
    }

    /// @param pods in CIDR notation, as are the others
    /// @throws IllegalArgumentException naming what is no block of addresses
    public static HostRanges of(Collection<String> pods, Collection<String> services, Collection<String> others) {
        return new HostRanges(blocks(pods), blocks(services), blocks(others));
    }

    /// Whether anybody says where the host's Services are. Where nobody does, any address may be one of theirs, so that
    /// nothing of a tenant's leads out of the host cluster.
    public boolean nameServices() {
        return !services.isEmpty();
    }

    /// What either says.
    public HostRanges and(HostRanges more) {
        return new HostRanges(join(pods, more.pods), join(services, more.services), join(others, more.others));
    }

    private static List<AddressBlock> blocks(Collection<String> cidrs) {
        return cidrs.stream().map(AddressBlock::of).toList();
    }

    private static List<AddressBlock> join(List<AddressBlock> one, List<AddressBlock> other) {
        return Stream.concat(one.stream(), other.stream()).distinct().toList();
    }
}
