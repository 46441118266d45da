package io.insula.tenantapi.kinds.core;

import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class ServiceAccountKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("", "v1", "ServiceAccount", "serviceaccounts")
                .shortNames("sa")
                .subresource("token", new GroupVersionKind("authentication.k8s.io", "v1", "TokenRequest"), "create");
    }
}
