package io.insula.tenantapi.kinds.core;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class ComponentStatusKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("", "v1", "ComponentStatus", "componentstatuses")
                .shortNames("cs")
                .verbs("get", "list");
    }
}
