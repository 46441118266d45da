package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.insula.rules.network.AddressBlock;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Network policies: what a tenant's policy selects and admits is the same on the host, and nothing of another
/// tenant's. Namespaces that a policy selects are named one by one, as host pods carry the name of theirs and
/// not its labels.
@Singleton
final class NetworkPolicySyncer implements Syncer<NetworkPolicy> {

    private static final Duration WAIT = Duration.ofSeconds(1);

    private static final SyncSpec<NetworkPolicy> SPEC =
            SyncSpec.tenantToHost(NetworkPolicy.class, "get", "list", "watch", "create", "patch", "delete");

    @Override
    public SyncSpec<NetworkPolicy> spec() {
        return SPEC;
    }

    /// Namespaces by their labels, pods by their addresses.
    @Override
    public List<KindRef<?>> looksAt() {
        return List.of(Kinds.NAMESPACE, Kinds.POD);
    }

    @Override
    public List<Reference> dependents(HasMetadata changed, TenantView view) {
        return view.tenantObjects(Kinds.NETWORK_POLICY).stream()
                .filter(policy -> !(changed instanceof Pod pod) || hasAddressOf(policy, pod))
                .map(policy -> new Reference(Kinds.NETWORK_POLICY.kind(), Kinds.namespace(policy), Kinds.name(policy)))
                .toList();
    }

    @Override
    public Set<String> exactOnHost() {
        return Set.of("/spec");
    }

    /// The host's addresses are its nodes' too.
    @Override
    public Optional<Object> dependsOn(HasMetadata host) {
        return HostNetwork.of(host);
    }

    @Override
    public List<Change> decide(SyncEvent<NetworkPolicy> event, TenantView view) {
        return switch (event) {
            case TenantOnly<NetworkPolicy>(var tenant) -> apply(tenant, Optional.empty(), view);
            case Paired<NetworkPolicy>(var tenant, var host) -> apply(tenant, Optional.of(host), view);
            case HostOnly<NetworkPolicy>(var host) ->
                List.of(new DeleteFromHost(
                        Kinds.NETWORK_POLICY, host, Proof.TENANT_OBJECT_GONE, "tenant object is gone", null));
        };
    }

    /// Whether no policy of the tenant's says who may reach the pod, or whom it may.
    ///
    /// @param type `Ingress` or `Egress`
    static boolean isOpen(Pod pod, String type, TenantView view) {
        return view.tenantObjects(Kinds.NETWORK_POLICY).stream()
                .filter(policy -> Kinds.namespace(policy).equals(Kinds.namespace(pod)))
                .map(NetworkPolicy::getSpec)
                .filter(spec -> types(spec).contains(type))
                .noneMatch(spec -> spec.getPodSelector() == null
                        || Selectors.matches(
                                spec.getPodSelector(), pod.getMetadata().getLabels()));
    }

    /// Source: Kubernetes API, `NetworkPolicySpec.policyTypes`.
    private static List<String> types(NetworkPolicySpec spec) {
        if (!spec.getPolicyTypes().isEmpty()) {
            return spec.getPolicyTypes();
        }
        return spec.getEgress().isEmpty() ? List.of("Ingress") : List.of("Ingress", "Egress");
    }

    private static boolean hasAddressOf(NetworkPolicy policy, Pod pod) {
        return Stream.concat(
                        policy.getSpec().getIngress().stream().flatMap(rule -> rule.getFrom().stream()),
                        policy.getSpec().getEgress().stream().flatMap(rule -> rule.getTo().stream()))
                .flatMap(peer -> Stream.ofNullable(peer.getIpBlock()))
                .flatMap(block -> AddressBlock.parse(block.getCidr()).stream())
                .anyMatch(block -> HostNetwork.addresses(pod).anyMatch(block::covers));
    }

    private static List<Change> apply(NetworkPolicy tenant, Optional<HasMetadata> current, TenantView view) {
        var network = HostNetwork.of(view);
        if (network.isEmpty()) {
            return List.of(new LookAgain(WAIT, "what the host says of its addresses"));
        }
        var own = tenant.getSpec();
        var peers = new PolicyPeers(view, network.get(), Kinds.namespace(tenant));
        var host = new NetworkPolicyBuilder()
                .withMetadata(Kinds.withLabels(
                        view.names().hostMeta(Kinds.NETWORK_POLICY.kind(), tenant),
                        tenant.getMetadata().getLabels()))
                .withNewSpec()
                .withPodSelector(peers.pods(own.getPodSelector()))
                .withPolicyTypes(types(own))
                .withIngress(own.getIngress().stream().map(peers::ingress).toList())
                .withEgress(own.getEgress().stream()
                        .flatMap(rule -> peers.egress(rule).stream())
                        .toList())
                .endSpec()
                .build();
        return Refusals.apply(
                Kinds.NETWORK_POLICY, host, current, List.of(tenant), "AddressRefused", refused(own, peers), view);
    }

    private static List<String> refused(NetworkPolicySpec own, PolicyPeers peers) {
        var refused = new ArrayList<String>();
        for (int i = 0; i < own.getIngress().size(); i++) {
            var rule = own.getIngress().get(i);
            refused.addAll(peers.refused("spec.ingress[" + i + "].from", rule.getFrom(), rule.getPorts(), false));
        }
        for (int i = 0; i < own.getEgress().size(); i++) {
            var rule = own.getEgress().get(i);
            refused.addAll(peers.refused("spec.egress[" + i + "].to", rule.getTo(), rule.getPorts(), true));
        }
        return refused;
    }
}
