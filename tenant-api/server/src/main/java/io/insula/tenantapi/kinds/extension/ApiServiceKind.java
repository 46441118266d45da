package io.insula.tenantapi.kinds.extension;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class ApiServiceKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("apiregistration.k8s.io", "v1", "APIService", "apiservices")
                .storedAt("apiregistration.k8s.io/apiservices")
                .categories("api-extensions")
                .noUnconditionalUpdate()
                .withStatus();
    }
}
