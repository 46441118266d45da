package io.insula.tenantapi.kinds.core;

import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class ServiceKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("", "v1", "Service", "services")
                .shortNames("svc")
                .categories("all")
                .storedAt("services/specs")
                .creatingOnUpdate()
                .withStatus()
                .subresource(
                        "proxy",
                        new GroupVersionKind("", "v1", "ServiceProxyOptions"),
                        "create",
                        "delete",
                        "get",
                        "patch",
                        "update");
    }
}
