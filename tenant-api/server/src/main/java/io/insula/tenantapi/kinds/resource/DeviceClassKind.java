package io.insula.tenantapi.kinds.resource;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class DeviceClassKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("resource.k8s.io", "v1", "DeviceClass", "deviceclasses")
                .withGeneration();
    }
}
