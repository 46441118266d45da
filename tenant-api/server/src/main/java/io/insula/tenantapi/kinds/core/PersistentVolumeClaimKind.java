package io.insula.tenantapi.kinds.core;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class PersistentVolumeClaimKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims")
                .shortNames("pvc")
                .withStatus();
    }
}
