package io.insula.tenantapi.kinds.core;

import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class NodeKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("", "v1", "Node", "nodes")
                .shortNames("no")
                .storedAt("minions")
                .withStatus()
                .subresource(
                        "proxy",
                        new GroupVersionKind("", "v1", "NodeProxyOptions"),
                        "create",
                        "delete",
                        "get",
                        "patch",
                        "update");
    }
}
