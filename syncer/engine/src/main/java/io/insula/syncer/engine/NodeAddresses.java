package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.insula.rules.network.AddressBlock;
import java.util.Objects;
import java.util.stream.Stream;

/// What a host node says of addresses. Stateless.
public final class NodeAddresses {

    private NodeAddresses() {}

    /// Where its pods are, each once, as it is written: it may be unreadable.
    public static Stream<String> podBlocks(Node node) {
        return node.getSpec() == null
                ? Stream.of()
                : Stream.concat(Stream.ofNullable(node.getSpec().getPodCIDR()), node.getSpec().getPodCIDRs().stream())
                        .distinct();
    }

    /// Its own.
    public static Stream<AddressBlock> own(Node node) {
        return node.getStatus() == null
                ? Stream.of()
                : node.getStatus().getAddresses().stream()
                        .map(NodeAddress::getAddress)
                        .filter(Objects::nonNull)
                        // some are names
                        .flatMap(address -> AddressBlock.address(address).stream());
    }
}
