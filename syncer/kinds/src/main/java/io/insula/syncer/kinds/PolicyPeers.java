package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirementBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IPBlock;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.insula.isolation.NetworkReach;
import io.insula.rules.network.AddressBlock;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.TenantView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Whom a tenant's policy means, in terms of the host. Selectors keep to the tenant's pods; "everybody" is the
/// tenant's pods and the world outside the host cluster, never other tenants' pods, which address blocks leave
/// out. Blocks mean the tenant's own pods by these pods' labels: an address may be another tenant's tomorrow.
///
/// Nobody is led to anything else of the host's either, with two exceptions: resolvers, as nodes use them, and
/// the tenant's own API server; and nobody outside beyond what the tenant's isolation profiles let ([NetworkReach]).
/// From everywhere outside the host's pods a policy may let in, as load balancers
/// and nodes hand traffic on with addresses of their own.
///
/// @param namespace the policy's own, in the tenant
record PolicyPeers(TenantView view, HostNetwork network, String namespace) {

    /// No pod has it: a selector for nobody, where an empty list would mean everybody.
    private static final String NO_NAMESPACE = "";

    /// The pods that the policy is for.
    LabelSelector pods(@Nullable LabelSelector own) {
        return pods(own, namespace, view.names());
    }

    /// Pods of one namespace of the tenant's.
    static LabelSelector pods(@Nullable LabelSelector own, String namespace, NameMap names) {
        return selector(own, List.of(namespace), names);
    }

    NetworkPolicyIngressRule ingress(NetworkPolicyIngressRule own) {
        var holes = network.podHoles();
        var peers = peers(own.getFrom());
        blocks(own.getFrom()).forEach(block -> {
            peers.addAll(ownPods(block));
            if (reach().isReachedFromOutside()) {
                outside(block, holes).map(PolicyPeers::block).ifPresent(peers::add);
            }
        });
        return new NetworkPolicyIngressRuleBuilder(own)
                .withFrom(orNobody(peers))
                .build();
    }

    /// Several, as what is open at some ports only is a rule of its own.
    List<NetworkPolicyEgressRule> egress(NetworkPolicyEgressRule own) {
        var blocks = blocks(own.getTo());
        var peers = peers(own.getTo());
        var holes = network.holes();
        blocks.forEach(block -> {
            peers.addAll(ownPods(block));
            reached(block, holes).map(PolicyPeers::block).forEach(peers::add);
        });
        var rules = new ArrayList<NetworkPolicyEgressRule>();
        rules.add(
                new NetworkPolicyEgressRuleBuilder(own).withTo(orNobody(peers)).build());
        resolvers(blocks, own.getPorts()).ifPresent(rules::add);
        apiServer(blocks, own.getPorts()).ifPresent(rules::add);
        return rules;
    }

    /// What of a rule's peers means nobody on the host, and why.
    ///
    /// @param path the field of the peers
    List<String> refused(String path, List<NetworkPolicyPeer> peers, List<NetworkPolicyPort> ports, boolean egress) {
        var refused = new ArrayList<String>();
        for (int i = 0; i < peers.size(); i++) {
            var own = peers.get(i).getIpBlock();
            if (own != null) {
                var where = path + "[" + i + "].ipBlock: " + own.getCidr() + ": ";
                objection(own, ports, egress).ifPresent(why -> refused.add(where + why));
            }
        }
        return refused;
    }

    private Optional<String> objection(IPBlock own, List<NetworkPolicyPort> ports, boolean egress) {
        var block = PolicyBlocks.parse(own);
        if (block.isEmpty()) {
            return Optional.of("cannot be read");
        }
        var one = List.of(block.get());
        boolean isOutside = outside(block.get(), egress ? network.holes() : network.podHoles())
                .isPresent();
        boolean isReached = egress
                ? reached(block.get(), network.holes()).findAny().isPresent()
                : isOutside && reach().isReachedFromOutside();
        boolean means = !ownPods(block.get()).isEmpty()
                || isReached
                || (egress
                        && (resolvers(one, ports).isPresent()
                                || apiServer(one, ports).isPresent()));
        if (!means && isOutside) {
            return Optional.of("the isolation profile of this cluster does not let its pods "
                    + (egress ? "reach it" : "be reached from there"));
        }
        return means
                ? Optional.empty()
                : network.gap().or(() -> Optional.of("belongs to the shared cluster, and to no pod of this one"));
    }

    private static List<PolicyBlocks> blocks(List<NetworkPolicyPeer> own) {
        return own.isEmpty()
                ? PolicyBlocks.EVERYWHERE
                : own.stream()
                        .flatMap(peer -> Stream.ofNullable(peer.getIpBlock()))
                        .flatMap(block -> PolicyBlocks.parse(block).stream())
                        .toList();
    }

    /// Those that are selected, without those of blocks.
    private List<NetworkPolicyPeer> peers(List<NetworkPolicyPeer> own) {
        var peers = new ArrayList<NetworkPolicyPeer>();
        if (own.isEmpty()) {
            peers.add(podsIn(null));
        }
        own.stream()
                .filter(peer -> peer.getIpBlock() == null)
                .flatMap(peer -> selected(peer).stream())
                .forEach(peers::add);
        return peers;
    }

    private List<NetworkPolicyPeer> orNobody(List<NetworkPolicyPeer> peers) {
        return peers.isEmpty()
                ? List.of(podsIn(List.of(NO_NAMESPACE)))
                : peers.stream().distinct().toList();
    }

    private Optional<NetworkPolicyPeer> selected(NetworkPolicyPeer own) {
        if (own.getNamespaceSelector() == null) {
            return Optional.of(peer(pods(own.getPodSelector())));
        }
        var namespaces = namespaces(own.getNamespaceSelector());
        return namespaces != null && namespaces.isEmpty()
                ? Optional.empty()
                : Optional.of(peer(selector(own.getPodSelector(), namespaces, view.names())));
    }

    private List<NetworkPolicyPeer> ownPods(PolicyBlocks block) {
        if (block.hasAllPods(network)) {
            return List.of(podsIn(null));
        }
        var objects = block.podsAmong(view.hostObjects(Kinds.POD));
        return objects.isEmpty()
                ? List.of()
                : List.of(peer(new LabelSelectorBuilder(selector(null, null, view.names()))
                        .addNewMatchExpression()
                        .withKey(InsulaLabels.OBJECT)
                        .withOperator("In")
                        .withValues(objects)
                        .endMatchExpression()
                        .build()));
    }

    private Optional<IPBlock> outside(PolicyBlocks block, List<AddressBlock> holes) {
        return network.gap().isPresent() ? Optional.empty() : block.without(holes);
    }

    /// What of a block the profiles let pods reach.
    private Stream<IPBlock> reached(PolicyBlocks block, List<AddressBlock> holes) {
        return block.within(reach()).stream().flatMap(part -> outside(part, holes).stream());
    }

    private NetworkReach reach() {
        return view.profiles().network();
    }

    /// A node's resolver may be a node, on its link, or where a cloud has its metadata; not a pod, as the host's
    /// own cluster DNS is.
    private Optional<NetworkPolicyEgressRule> resolvers(List<PolicyBlocks> blocks, List<NetworkPolicyPort> own) {
        var ports = PolicyPorts.dns(own);
        var holes = network.workloadHoles();
        var to = blocks.stream()
                .flatMap(block -> reached(block, holes))
                .map(PolicyPeers::block)
                .distinct()
                .toList();
        return ports.isEmpty() || to.isEmpty()
                ? Optional.empty()
                : Optional.of(new NetworkPolicyEgressRuleBuilder()
                        .withTo(to)
                        .withPorts(ports)
                        .build());
    }

    private Optional<NetworkPolicyEgressRule> apiServer(List<PolicyBlocks> blocks, List<NetworkPolicyPort> own) {
        int port = view.apiServer().getPort();
        return HostNetwork.apiServer(view)
                .filter(address -> PolicyPorts.cover(own, "TCP", port)
                        && blocks.stream().anyMatch(block -> block.contains(address)))
                .map(address -> new NetworkPolicyEgressRuleBuilder()
                        .addNewTo()
                        .withNewIpBlock()
                        .withCidr(address.toString())
                        .endIpBlock()
                        .endTo()
                        .withPorts(PolicyPorts.of("TCP", port))
                        .build());
    }

    private NetworkPolicyPeer podsIn(@Nullable List<String> namespaces) {
        return peer(selector(null, namespaces, view.names()));
    }

    private static NetworkPolicyPeer peer(LabelSelector pods) {
        return new NetworkPolicyPeerBuilder().withPodSelector(pods).build();
    }

    private static NetworkPolicyPeer block(IPBlock block) {
        return new NetworkPolicyPeerBuilder().withIpBlock(block).build();
    }

    /// Null for all of the tenant's.
    private @Nullable List<String> namespaces(LabelSelector selector) {
        return Selectors.isEverything(selector)
                ? null
                : view.tenantObjects(Kinds.NAMESPACE).stream()
                        .filter(each ->
                                Selectors.matches(selector, each.getMetadata().getLabels()))
                        .map(Kinds::name)
                        .sorted()
                        .toList();
    }

    /// @param namespaces null for all of the tenant's
    private static LabelSelector selector(
            @Nullable LabelSelector own, @Nullable List<String> namespaces, NameMap names) {
        var asked = own == null ? new LabelSelector() : own;
        var builder = new LabelSelectorBuilder()
                .withMatchLabels(NameMap.hostLabels(asked.getMatchLabels()))
                .addToMatchLabels(InsulaLabels.TENANT, names.tenant().value())
                .withMatchExpressions(asked.getMatchExpressions().stream()
                        .map(PolicyPeers::requirement)
                        .toList());
        if (namespaces != null) {
            builder.addNewMatchExpression()
                    .withKey(InsulaLabels.NAMESPACE)
                    .withOperator("In")
                    .withValues(namespaces)
                    .endMatchExpression();
        }
        return builder.build();
    }

    private static LabelSelectorRequirement requirement(LabelSelectorRequirement own) {
        return new LabelSelectorRequirementBuilder(own)
                .withKey(NameMap.hostLabel(own.getKey()))
                .build();
    }
}
