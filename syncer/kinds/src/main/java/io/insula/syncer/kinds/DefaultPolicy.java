package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.SyncSpec.Direction;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantView;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A host policy for each of a tenant's namespaces, whatever the tenant says. Three make the wall between
/// tenants: one closes every pod in both directions, and one for each direction opens those pods again, as far as
/// the wall lets them, that no policy of the tenant's is for. Policies add up: with the first, a policy of the
/// tenant's that is not on the host yet, or that the host refused, leaves its pods closed rather than open to all.
abstract sealed class DefaultPolicy implements Syncer<Namespace>
        permits DefaultClosedSyncer, DefaultPolicySyncer, DefaultEgressSyncer {

    private static final Duration WAIT = Duration.ofSeconds(1);

    private final SyncSpec<Namespace> spec;

    /// @param name of the syncer
    DefaultPolicy(String name) {
        this.spec = new SyncSpec<>(
                name,
                Kinds.NAMESPACE,
                Direction.TENANT_TO_HOST,
                true,
                List.of(Kinds.NETWORK_POLICY),
                Map.of(
                        SyncSpec.resource(Kinds.NETWORK_POLICY),
                        Set.of("get", "list", "watch", "create", "patch", "delete")));
    }

    /// Empty while it is not known yet.
    abstract Optional<NetworkPolicySpec> policy(String namespace, TenantView view);

    @Override
    public final SyncSpec<Namespace> spec() {
        return spec;
    }

    /// The host's addresses are its nodes' too.
    @Override
    public final Optional<Object> dependsOn(HasMetadata host) {
        return HostNetwork.of(host);
    }

    @Override
    public final boolean needsHost(Namespace tenant, TenantView view) {
        return view.profiles().network().isWalled();
    }

    @Override
    public final List<Change> decide(SyncEvent<Namespace> event, TenantView view) {
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
                                "the isolation profiles want none",
                                null));
            case HostOnly<Namespace>(var host) ->
                List.of(new DeleteFromHost(
                        Kinds.NETWORK_POLICY, host, Proof.TENANT_OBJECT_GONE, "tenant namespace is gone", null));
        };
    }

    private Change apply(Namespace tenant, TenantView view) {
        return policy(Kinds.name(tenant), view)
                .<Change>map(wanted -> new ApplyToHost(
                        Kinds.NETWORK_POLICY,
                        new NetworkPolicyBuilder()
                                .withMetadata(view.names().hostMeta(spec.name(), tenant))
                                .withSpec(wanted)
                                .build()))
                .orElseGet(() -> new LookAgain(WAIT, "what the host says of its addresses"));
    }
}
