package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import io.insula.isolation.NetworkReach;
import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.ReservedBlocks;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NodeAddresses;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// The control plane's own network policies in a tenant's host namespace: they hold whatever becomes of those that the
/// syncer writes there, which open it again as far as the tenant's profiles let them. Pure.
final class HostNetworks {

    /// Closes every pod of the namespace in both directions.
    static final String CLOSED = "insula";

    /// Opens what only a profile can open, from pods that no egress policy of the tenant's is for.
    static final String OPENED = "insula-opened";

    private HostNetworks() {}

    /// Without their metadata but for the name; those that are not here are not to be.
    ///
    /// @param nodes the host's, asked only where they matter
    static List<NetworkPolicy> of(NetworkReach reach, Collection<Node> nodes) {
        var all = new ArrayList<NetworkPolicy>();
        if (reach.isWalled()) {
            all.add(new NetworkPolicyBuilder()
                    .withNewMetadata()
                    .withName(CLOSED)
                    .endMetadata()
                    .withNewSpec()
                    .withNewPodSelector()
                    .endPodSelector()
                    .withPolicyTypes("Ingress", "Egress")
                    .endSpec()
                    .build());
        }
        var opened = opened(reach, nodes);
        if (!opened.isEmpty()) {
            all.add(new NetworkPolicyBuilder()
                    .withNewMetadata()
                    .withName(OPENED)
                    .endMetadata()
                    .withNewSpec()
                    .withNewPodSelector()
                    .addToMatchLabels(InsulaLabels.OPEN_EGRESS, "true")
                    .endPodSelector()
                    .withPolicyTypes("Egress")
                    .withEgress(opened)
                    .endSpec()
                    .build());
        }
        return all;
    }

    /// Whether what it says depends on the host's nodes.
    static boolean needsNodes(NetworkReach reach) {
        return reach.isWalled() && reach.nodes();
    }

    private static List<NetworkPolicyEgressRule> opened(NetworkReach reach, Collection<Node> nodes) {
        var blocks = new ArrayList<AddressBlock>();
        if (reach.isWalled() && reach.metadata()) {
            blocks.addAll(ReservedBlocks.METADATA);
        }
        if (needsNodes(reach)) {
            nodes.stream().flatMap(NodeAddresses::own).forEach(blocks::add);
        }
        var peers = AddressBlock.merged(blocks).stream().map(HostNetworks::peer).toList();
        return peers.isEmpty()
                ? List.of()
                : List.of(new NetworkPolicyEgressRuleBuilder().withTo(peers).build());
    }

    private static NetworkPolicyPeer peer(AddressBlock block) {
        return new NetworkPolicyPeerBuilder()
                .withNewIpBlock()
                .withCidr(block.toString())
                .endIpBlock()
                .build();
    }
}
