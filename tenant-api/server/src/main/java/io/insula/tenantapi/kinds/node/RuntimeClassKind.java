package io.insula.tenantapi.kinds.node;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class RuntimeClassKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses")
                .creatingOnUpdate()
                .noUnconditionalUpdate();
    }
}
