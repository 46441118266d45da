package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.SyncSpec.Direction;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What other tenants' pods may not do: reach this tenant's. One host policy per tenant namespace admits the
/// tenant's own pods and the world outside the host cluster. It is for pods that no policy of the tenant's is
/// for, told by the label [InsulaLabels#OPEN]: policies add up, and this one must not open what the tenant
/// closed.
@Singleton
final class DefaultPolicySyncer implements Syncer<Namespace> {

    private static final String NAME = "DefaultPolicy";

    @Override
    public SyncSpec<Namespace> spec() {
        return new SyncSpec<>(
                NAME,
                Kinds.NAMESPACE,
                Direction.TENANT_TO_HOST,
                true,
                List.of(Kinds.NETWORK_POLICY),
                Map.of(
                        SyncSpec.resource(Kinds.NETWORK_POLICY),
                        Set.of("get", "list", "watch", "create", "patch", "delete")));
    }

    @Override
    public boolean needsHost(Namespace tenant, TenantView view) {
        return view.profiles().standard().defaultNetworkPolicy();
    }

    @Override
    public List<Change> decide(SyncEvent<Namespace> event, TenantView view) {
        return switch (event) {
            case TenantOnly<Namespace>(var tenant) ->
                needsHost(tenant, view) ? List.of(apply(tenant, view)) : List.of();
            case Paired<Namespace>(var tenant, var host) ->
                needsHost(tenant, view)
                        ? List.of(apply(tenant, view))
                        : List.of(new DeleteFromHost(
                                Kinds.NETWORK_POLICY,
                                host,
                                Proof.TENANT_OBJECT_NEEDS_NONE,
                                "the isolation profile wants none",
                                null));
            case HostOnly<Namespace>(var host) ->
                List.of(new DeleteFromHost(
                        Kinds.NETWORK_POLICY, host, Proof.TENANT_OBJECT_GONE, "tenant namespace is gone", null));
        };
    }

    private static Change apply(Namespace tenant, TenantView view) {
        var peers = new PolicyPeers(view, Kinds.name(tenant));
        var pods = peers.pods(null);
        pods.getMatchLabels().put(InsulaLabels.OPEN, "true");
        var host = new NetworkPolicyBuilder()
                .withMetadata(view.names().hostMeta(NAME, tenant))
                .withNewSpec()
                .withPodSelector(pods)
                .withPolicyTypes("Ingress")
                .withIngress(peers.ingress(new NetworkPolicyIngressRule()))
                .endSpec()
                .build();
        return new ApplyToHost(Kinds.NETWORK_POLICY, host);
    }
}
