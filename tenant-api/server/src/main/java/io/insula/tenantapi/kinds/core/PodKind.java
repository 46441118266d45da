package io.insula.tenantapi.kinds.core;

import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class PodKind implements ResourceKind {

    private static final GroupVersionKind CORE = new GroupVersionKind("", "v1", "Pod");

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("", "v1", "Pod", "pods")
                .shortNames("po")
                .categories("all")
                .withStatus()
                .withGeneration()
                .subresource("attach", CORE.withKind("PodAttachOptions"), "create", "get")
                .subresource("binding", CORE.withKind("Binding"), "create")
                .subresource("ephemeralcontainers", CORE, "get", "patch", "update")
                .subresource("eviction", new GroupVersionKind("policy", "v1", "Eviction"), "create")
                .subresource("exec", CORE.withKind("PodExecOptions"), "create", "get")
                .subresource("log", CORE, "get")
                .subresource("portforward", CORE.withKind("PodPortForwardOptions"), "create", "get")
                .subresource("proxy", CORE.withKind("PodProxyOptions"), "create", "delete", "get", "patch", "update")
                .subresource("resize", CORE, "get", "patch", "update");
    }
}
