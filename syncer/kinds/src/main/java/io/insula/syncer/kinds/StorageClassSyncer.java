package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
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

/// The host's StorageClasses that its administrators share with tenants, by the label [InsulaLabels#SHARED].
/// Parameters stay on the host: they may name its secrets. A StorageClass that a tenant made itself is left
/// alone, and gives nothing.
@Singleton
final class StorageClassSyncer implements Syncer<StorageClass> {

    @Override
    public SyncSpec<StorageClass> spec() {
        return new SyncSpec<>(
                        Kinds.STORAGE_CLASS,
                        Direction.HOST_TO_TENANT,
                        true,
                        List.of(Kinds.STORAGE_CLASS),
                        Map.of(SyncSpec.resource(Kinds.STORAGE_CLASS), Set.of("get", "list", "watch")))
                .writing(Map.of(SyncSpec.resource(Kinds.STORAGE_CLASS), Set.of("create", "patch", "delete")));
    }

    @Override
    public List<Change> decide(SyncEvent<StorageClass> event, TenantView view) {
        return switch (event) {
            case HostOnly<StorageClass>(StorageClass host) -> isShared(host) ? List.of(show(host)) : List.of();
            case Paired<StorageClass>(var tenant, StorageClass host)
            when Kinds.isManaged(tenant) -> isShared(host) ? List.of(show(host)) : hide(tenant);
            case TenantOnly<StorageClass>(var tenant) -> hide(tenant);
            case HostOnly<StorageClass> _, Paired<StorageClass> _ -> List.of();
        };
    }

    @Override
    public String hostName(String namespace, String name, NameMap names) {
        return name;
    }

    @Override
    public List<Reference> tenantObjectsOf(HasMetadata host, TenantView view) {
        return host instanceof StorageClass
                ? List.of(new Reference(Kinds.STORAGE_CLASS.kind(), "", Kinds.name(host)))
                : List.of();
    }

    static boolean isShared(StorageClass host) {
        var labels = host.getMetadata().getLabels();
        return labels != null && "true".equals(labels.get(InsulaLabels.SHARED));
    }

    private static Change show(StorageClass host) {
        var isDefault = Kinds.annotation(host, WellKnownKeys.DEFAULT_STORAGE_CLASS);
        var shown = new StorageClassBuilder()
                .withNewMetadata()
                .withName(Kinds.name(host))
                .addToLabels(InsulaLabels.MANAGED_BY, InsulaLabels.SYNCER)
                .addToAnnotations(
                        isDefault.isEmpty() ? Map.of() : Map.of(WellKnownKeys.DEFAULT_STORAGE_CLASS, isDefault))
                .endMetadata()
                .withProvisioner(host.getProvisioner())
                .withReclaimPolicy(host.getReclaimPolicy())
                .withVolumeBindingMode(host.getVolumeBindingMode())
                .withAllowVolumeExpansion(host.getAllowVolumeExpansion())
                .build();
        return new ApplyToTenant(Kinds.STORAGE_CLASS, shown, "");
    }

    private static List<Change> hide(StorageClass tenant) {
        return Kinds.isManaged(tenant)
                ? List.of(new DeleteFromTenant(Kinds.STORAGE_CLASS, tenant, false, "the host does not share it"))
                : List.of();
    }
}
