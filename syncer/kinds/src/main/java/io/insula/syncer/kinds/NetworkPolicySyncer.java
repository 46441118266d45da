package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
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
import java.util.List;

/// Network policies: what a tenant's policy selects and admits is the same on the host, and nothing of another
/// tenant's. Namespaces that a policy selects are named one by one, as host pods carry the name of theirs and
/// not its labels.
@Singleton
final class NetworkPolicySyncer implements Syncer<NetworkPolicy> {

    @Override
    public SyncSpec<NetworkPolicy> spec() {
        return SyncSpec.tenantToHost(NetworkPolicy.class, "get", "list", "watch", "create", "patch", "delete");
    }

    @Override
    public List<KindRef<?>> looksAt() {
        return List.of(Kinds.NAMESPACE);
    }

    @Override
    public List<Reference> dependents(HasMetadata changed, TenantView view) {
        return view.tenantObjects(Kinds.NETWORK_POLICY).stream()
                .map(policy -> new Reference(Kinds.NETWORK_POLICY.kind(), Kinds.namespace(policy), Kinds.name(policy)))
                .toList();
    }

    @Override
    public List<Change> decide(SyncEvent<NetworkPolicy> event, TenantView view) {
        return switch (event) {
            case TenantOnly<NetworkPolicy>(var tenant) -> List.of(apply(tenant, view));
            case Paired<NetworkPolicy>(var tenant, var _) -> List.of(apply(tenant, view));
            case HostOnly<NetworkPolicy>(var host) ->
                List.of(new DeleteFromHost(
                        Kinds.NETWORK_POLICY, host, Proof.TENANT_OBJECT_GONE, "tenant object is gone", null));
        };
    }

    /// Whether no policy of the tenant's says who may reach the pod.
    static boolean isOpen(Pod pod, TenantView view) {
        return view.tenantObjects(Kinds.NETWORK_POLICY).stream()
                .filter(policy -> Kinds.namespace(policy).equals(Kinds.namespace(pod)))
                .map(NetworkPolicy::getSpec)
                .filter(spec ->
                        spec.getPolicyTypes().isEmpty() || spec.getPolicyTypes().contains("Ingress"))
                .noneMatch(spec -> spec.getPodSelector() == null
                        || Selectors.matches(
                                spec.getPodSelector(), pod.getMetadata().getLabels()));
    }

    private static Change apply(NetworkPolicy tenant, TenantView view) {
        var own = tenant.getSpec();
        var peers = new PolicyPeers(view, Kinds.namespace(tenant));
        var host = new NetworkPolicyBuilder()
                .withMetadata(Kinds.withLabels(
                        view.names().hostMeta(Kinds.NETWORK_POLICY.kind(), tenant),
                        tenant.getMetadata().getLabels()))
                .withNewSpec()
                .withPodSelector(peers.pods(own.getPodSelector()))
                .withPolicyTypes(own.getPolicyTypes())
                .withIngress(own.getIngress().stream().map(peers::ingress).toList())
                .withEgress(own.getEgress().stream().map(peers::egress).toList())
                .endSpec()
                .build();
        return new ApplyToHost(Kinds.NETWORK_POLICY, host);
    }
}
