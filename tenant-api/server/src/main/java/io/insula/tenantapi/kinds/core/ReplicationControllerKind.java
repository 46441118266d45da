package io.insula.tenantapi.kinds.core;

import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class ReplicationControllerKind implements ResourceKind {

    private static final GroupVersionKind SCALE = new GroupVersionKind("autoscaling", "v1", "Scale");

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("", "v1", "ReplicationController", "replicationcontrollers")
                .shortNames("rc")
                .categories("all")
                .storedAt("controllers")
                .withStatus()
                .withGeneration()
                .subresource("scale", SCALE, "get", "patch", "update");
    }
}
