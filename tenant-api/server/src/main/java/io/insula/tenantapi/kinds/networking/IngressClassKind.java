package io.insula.tenantapi.kinds.networking;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class IngressClassKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("networking.k8s.io", "v1", "IngressClass", "ingressclasses")
                .withGeneration();
    }
}
