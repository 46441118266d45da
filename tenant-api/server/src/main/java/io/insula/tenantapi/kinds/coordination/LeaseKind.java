package io.insula.tenantapi.kinds.coordination;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class LeaseKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("coordination.k8s.io", "v1", "Lease", "leases")
                .creatingOnUpdate()
                .noUnconditionalUpdate();
    }
}
