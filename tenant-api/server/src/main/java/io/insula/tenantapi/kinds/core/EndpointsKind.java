package io.insula.tenantapi.kinds.core;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class EndpointsKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("", "v1", "Endpoints", "endpoints")
                .shortNames("ep")
                .storedAt("services/endpoints")
                .creatingOnUpdate();
    }
}
