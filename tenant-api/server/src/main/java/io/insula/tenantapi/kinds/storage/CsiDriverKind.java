package io.insula.tenantapi.kinds.storage;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class CsiDriverKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("storage.k8s.io", "v1", "CSIDriver", "csidrivers")
                .noUnconditionalUpdate();
    }
}
