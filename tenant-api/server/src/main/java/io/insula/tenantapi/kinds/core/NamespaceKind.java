package io.insula.tenantapi.kinds.core;

import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class NamespaceKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("", "v1", "Namespace", "namespaces")
                .shortNames("ns")
                .verbs("create", "delete", "get", "list", "patch", "update", "watch")
                .withStatus()
                .subresource("finalize", new GroupVersionKind("", "v1", "Namespace"), "update");
    }
}
