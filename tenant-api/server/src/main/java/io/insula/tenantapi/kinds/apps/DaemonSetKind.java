package io.insula.tenantapi.kinds.apps;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class DaemonSetKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("apps", "v1", "DaemonSet", "daemonsets")
                .shortNames("ds")
                .categories("all")
                .withStatus()
                .withGeneration();
    }
}
