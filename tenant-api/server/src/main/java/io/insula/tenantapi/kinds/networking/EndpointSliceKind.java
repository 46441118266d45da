package io.insula.tenantapi.kinds.networking;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class EndpointSliceKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices")
                .withGeneration();
    }
}
