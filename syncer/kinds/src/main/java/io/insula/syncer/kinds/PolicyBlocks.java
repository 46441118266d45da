package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.IPBlock;
import io.fabric8.kubernetes.api.model.networking.v1.IPBlockBuilder;
import io.insula.isolation.NetworkReach;
import io.insula.rules.network.AddressBlock;
import io.insula.syncer.engine.InsulaLabels;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Address blocks of policies, read and cut. Immutable.
///
/// @param cidr what a policy means
/// @param except what it does not
record PolicyBlocks(AddressBlock cidr, List<AddressBlock> except) {

    /// Every address there is.
    static final List<PolicyBlocks> EVERYWHERE = List.of(
            new PolicyBlocks(AddressBlock.of("0.0.0.0/0"), List.of()),
            new PolicyBlocks(AddressBlock.of("::/0"), List.of()));

    PolicyBlocks {
        except = List.copyOf(except);
    }

    /// Empty if any of it cannot be read: an exception that is overlooked would open what was closed.
    static Optional<PolicyBlocks> parse(IPBlock block) {
        var cidr = AddressBlock.parse(block.getCidr());
        var except = block.getExcept().stream().map(AddressBlock::parse).toList();
        return cidr.filter(_ -> except.stream().allMatch(Optional::isPresent))
                .map(read -> new PolicyBlocks(
                        read, except.stream().flatMap(Optional::stream).toList()));
    }

    boolean contains(AddressBlock address) {
        return cidr.covers(address) && except.stream().noneMatch(each -> each.overlaps(address));
    }

    /// Without what is in `holes`; empty where nothing is left.
    Optional<IPBlock> without(List<AddressBlock> holes) {
        var cut = AddressBlock.merged(Stream.concat(except.stream(), holes.stream())
                .filter(each -> each.overlaps(cidr))
                .toList());
        return cut.stream().anyMatch(each -> each.covers(cidr))
                ? Optional.empty()
                : Optional.of(new IPBlockBuilder()
                        .withCidr(cidr.toString())
                        .withExcept(cut.stream().map(AddressBlock::toString).toList())
                        .build());
    }

    /// What of it is in `reach`.
    List<PolicyBlocks> within(NetworkReach reach) {
        return reach.of(cidr).stream()
                .map(part -> new PolicyBlocks(part, except))
                .toList();
    }

    /// Whether it means every pod that the host may have in its address family.
    boolean hasAllPods(HostNetwork network) {
        var pods = network.pods().stream()
                .filter(each -> each.width() == cidr.width())
                .toList();
        return !pods.isEmpty()
                && pods.stream()
                        .allMatch(
                                range -> cidr.covers(range) && except.stream().noneMatch(each -> each.overlaps(range)));
    }

    /// Values of [InsulaLabels#OBJECT] of those of `pods` that it means, in order.
    List<String> podsAmong(List<Pod> pods) {
        return pods.stream()
                .filter(pod -> HostNetwork.addresses(pod).anyMatch(this::contains))
                .map(pod -> pod.getMetadata().getLabels().getOrDefault(InsulaLabels.OBJECT, ""))
                .filter(object -> !object.isEmpty())
                .sorted()
                .toList();
    }
}
