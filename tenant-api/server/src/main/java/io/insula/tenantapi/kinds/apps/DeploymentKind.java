package io.insula.tenantapi.kinds.apps;

import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class DeploymentKind implements ResourceKind {

    private static final GroupVersionKind SCALE = new GroupVersionKind("autoscaling", "v1", "Scale");

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("apps", "v1", "Deployment", "deployments")
                .shortNames("deploy")
                .categories("all")
                .withStatus()
                .withGeneration()
                .subresource("scale", SCALE, "get", "patch", "update");
    }
}
