package io.insula.tenantapi.kinds.scheduling;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class PriorityClassKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses")
                .shortNames("pc")
                .withGeneration();
    }
}
