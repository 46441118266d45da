package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Secrets that a pod names. A token Secret becomes an opaque one: the host's own token controller would fill it.
@Singleton
final class SecretSyncer implements Syncer<Secret> {

    private static final SyncSpec<Secret> SPEC =
            SyncSpec.tenantToHost(Secret.class, "get", "list", "watch", "create", "patch", "delete");

    @Override
    public SyncSpec<Secret> spec() {
        return SPEC;
    }

    @Override
    public Set<String> exactOnHost() {
        return Set.of("/data");
    }

    @Override
    public List<Change> decide(SyncEvent<Secret> event, TenantView view) {
        return switch (event) {
            case TenantOnly<Secret>(var tenant) ->
                isReferenced(tenant, view) ? List.of(apply(tenant, view)) : List.of();
            case Paired<Secret>(var tenant, var host) ->
                isReferenced(tenant, view)
                        ? List.of(apply(tenant, view))
                        : List.of(new DeleteFromHost(
                                Kinds.SECRET, host, Proof.UNREFERENCED, "no pod names it any more", null));
            case HostOnly<Secret>(var host) ->
                List.of(new DeleteFromHost(
                        Kinds.SECRET, host, Proof.TENANT_OBJECT_GONE, "tenant object is gone", null));
        };
    }

    private static boolean isReferenced(Secret tenant, TenantView view) {
        return view.isReferenced("Secret", Kinds.namespace(tenant), Kinds.name(tenant));
    }

    private static Change apply(Secret tenant, TenantView view) {
        var host = new SecretBuilder()
                .withMetadata(view.names().hostMeta("Secret", tenant))
                .withType(hostType(tenant.getType()))
                .withData(tenant.getData())
                .withImmutable(tenant.getImmutable())
                .build();
        return new ApplyToHost(Kinds.SECRET, host);
    }

    private static String hostType(@Nullable String type) {
        return type == null || type.equals(WellKnownKeys.ACCOUNT_TOKEN) ? "Opaque" : type;
    }
}
