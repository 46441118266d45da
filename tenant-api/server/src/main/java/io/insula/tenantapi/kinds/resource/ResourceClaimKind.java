package io.insula.tenantapi.kinds.resource;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class ResourceClaimKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("resource.k8s.io", "v1", "ResourceClaim", "resourceclaims")
                .withStatus();
    }
}
