package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
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

/// ConfigMaps that a pod names.
@Singleton
final class ConfigMapSyncer implements Syncer<ConfigMap> {

    private static final SyncSpec<ConfigMap> SPEC =
            SyncSpec.tenantToHost(ConfigMap.class, "get", "list", "watch", "create", "patch", "delete");

    @Override
    public SyncSpec<ConfigMap> spec() {
        return SPEC;
    }

    @Override
    public Set<String> exactOnHost() {
        return Set.of("/data", "/binaryData");
    }

    @Override
    public List<Change> decide(SyncEvent<ConfigMap> event, TenantView view) {
        return switch (event) {
            case TenantOnly<ConfigMap>(var tenant) ->
                isReferenced(tenant, view) ? List.of(apply(tenant, view)) : List.of();
            case Paired<ConfigMap>(var tenant, var host) ->
                isReferenced(tenant, view)
                        ? List.of(apply(tenant, view))
                        : List.of(new DeleteFromHost(
                                Kinds.CONFIG_MAP, host, Proof.UNREFERENCED, "no pod names it any more", null));
            case HostOnly<ConfigMap>(var host) ->
                List.of(new DeleteFromHost(
                        Kinds.CONFIG_MAP, host, Proof.TENANT_OBJECT_GONE, "tenant object is gone", null));
        };
    }

    private static boolean isReferenced(ConfigMap tenant, TenantView view) {
        return view.isReferenced("ConfigMap", Kinds.namespace(tenant), Kinds.name(tenant));
    }

    private static Change apply(ConfigMap tenant, TenantView view) {
        var host = new ConfigMapBuilder()
                .withMetadata(view.names().hostMeta("ConfigMap", tenant))
                .withData(tenant.getData())
                .withBinaryData(tenant.getBinaryData())
                .withImmutable(tenant.getImmutable())
                .build();
        return new ApplyToHost(Kinds.CONFIG_MAP, host);
    }
}
