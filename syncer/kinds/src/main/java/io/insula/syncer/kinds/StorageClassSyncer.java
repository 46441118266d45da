package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;
import java.util.Map;

/// The host's StorageClasses that its administrators share with tenants, by the label [InsulaLabels#SHARED].
/// Parameters stay on the host: they may name its secrets. A StorageClass that a tenant made itself is left
/// alone, and gives nothing.
@Singleton
final class StorageClassSyncer implements ShownClasses<StorageClass> {

    private static final SyncSpec<StorageClass> SPEC = ShownClasses.declared(Kinds.STORAGE_CLASS);

    @Override
    public SyncSpec<StorageClass> spec() {
        return SPEC;
    }

    @Override
    public boolean isShown(StorageClass host, TenantView view) {
        return Kinds.isShared(host);
    }

    @Override
    public StorageClass shown(StorageClass host) {
        var isDefault = Kinds.annotation(host, WellKnownKeys.DEFAULT_STORAGE_CLASS);
        return new StorageClassBuilder()
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
    }

    @Override
    public String reasonToHide() {
        return "the host does not share it";
    }
}
