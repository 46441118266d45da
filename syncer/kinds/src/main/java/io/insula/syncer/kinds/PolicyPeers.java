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
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.TenantView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Whom a tenant's policy means, in terms of the host. Selectors keep to the tenant's pods; "everybody" is the
/// tenant's pods and the world outside the host cluster, never other tenants' pods, which address blocks leave
/// out.
///
/// @param namespace the policy's own, in the tenant
record PolicyPeers(TenantView view, String namespace) {

    /// No pod has it: a selector for nobody, where an empty list would mean everybody.
    private static final String NO_NAMESPACE = "";

    /// The pods that the policy is for.
    LabelSelector pods(@Nullable LabelSelector own) {
        return selector(own, List.of(namespace));
    }

    NetworkPolicyIngressRule ingress(NetworkPolicyIngressRule own) {
        var from = own.getFrom().isEmpty() ? everybody() : peers(own.getFrom());
        return new NetworkPolicyIngressRuleBuilder(own).withFrom(from).build();
    }

    /// Who may be reached is everybody's own ingress to say: leaving `to` out says no more than no policy at
    /// all.
    NetworkPolicyEgressRule egress(NetworkPolicyEgressRule own) {
        return own.getTo().isEmpty()
                ? own
                : new NetworkPolicyEgressRuleBuilder(own)
                        .withTo(peers(own.getTo()))
                        .build();
    }

    private List<NetworkPolicyPeer> peers(List<NetworkPolicyPeer> own) {
        var peers = own.stream().flatMap(peer -> peer(peer).stream()).toList();
        return peers.isEmpty() ? List.of(podsIn(List.of(NO_NAMESPACE))) : peers;
    }

    private Optional<NetworkPolicyPeer> peer(NetworkPolicyPeer own) {
        if (own.getIpBlock() != null) {
            return block(own.getIpBlock());
        }
        if (own.getNamespaceSelector() == null) {
            return Optional.of(new NetworkPolicyPeerBuilder()
                    .withPodSelector(pods(own.getPodSelector()))
                    .build());
        }
        var namespaces = namespaces(own.getNamespaceSelector());
        return namespaces != null && namespaces.isEmpty()
                ? Optional.empty()
                : Optional.of(new NetworkPolicyPeerBuilder()
                        .withPodSelector(selector(own.getPodSelector(), namespaces))
                        .build());
    }

    private List<NetworkPolicyPeer> everybody() {
        var everybody = new ArrayList<NetworkPolicyPeer>();
        everybody.add(podsIn(null));
        block(new IPBlock("0.0.0.0/0", List.of())).ifPresent(everybody::add);
        return everybody;
    }

    private NetworkPolicyPeer podsIn(@Nullable List<String> namespaces) {
        return new NetworkPolicyPeerBuilder()
                .withPodSelector(selector(null, namespaces))
                .build();
    }

    /// Addresses without those of the host's pods. Where the host does not say which those are, no address is
    /// known to be outside.
    private Optional<NetworkPolicyPeer> block(IPBlock own) {
        var podNetworks = view.hostObjects(Kinds.NODE).stream()
                .filter(node -> node.getSpec() != null)
                .flatMap(node -> node.getSpec().getPodCIDRs().stream())
                .distinct()
                .sorted()
                .toList();
        if (podNetworks.isEmpty() || podNetworks.stream().anyMatch(pods -> AddressBlocks.covers(pods, own.getCidr()))) {
            return Optional.empty();
        }
        var except = new ArrayList<>(own.getExcept());
        podNetworks.stream()
                .filter(pods -> AddressBlocks.covers(own.getCidr(), pods) && !except.contains(pods))
                .forEach(except::add);
        return Optional.of(new NetworkPolicyPeerBuilder()
                .withNewIpBlock()
                .withCidr(own.getCidr())
                .withExcept(except)
                .endIpBlock()
                .build());
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
    private LabelSelector selector(@Nullable LabelSelector own, @Nullable List<String> namespaces) {
        var asked = own == null ? new LabelSelector() : own;
        var builder = new LabelSelectorBuilder()
                .withMatchLabels(NameMap.hostLabels(asked.getMatchLabels()))
                .addToMatchLabels(InsulaLabels.TENANT, view.names().tenant().value())
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
