package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.insula.tenantapi.api.Json;
import java.util.Map;
import java.util.Optional;

/// The `Tenant` objects of the host, and the few things that the control plane writes to them. Thread-safe; keeps
/// nothing.
final class TenantObjects {

    private final KubernetesClient host;

    TenantObjects(KubernetesClient host) {
        this.host = host;
    }

    Optional<Tenant> find(String name) {
        return Optional.ofNullable(object(name).get());
    }

    /// From here on the tenant goes only after we have put away what is its.
    void hold(Tenant tenant) {
        if (!tenant.hasFinalizer(Tenancy.FINALIZER)) {
            object(nameOf(tenant)).edit(current -> {
                current.addFinalizer(Tenancy.FINALIZER);
                return current;
            });
        }
    }

    void letGo(Tenant tenant) {
        if (tenant.hasFinalizer(Tenancy.FINALIZER)) {
            object(nameOf(tenant)).edit(current -> {
                current.removeFinalizer(Tenancy.FINALIZER);
                return current;
            });
        }
    }

    void annotate(Tenant tenant, String key, String value) {
        String patch = Json.object()
                .set("metadata", Json.object().set("annotations", Json.object().put(key, value)))
                .toString();
        object(nameOf(tenant)).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    void removeAnnotation(Tenant tenant, String key) {
        object(nameOf(tenant)).edit(current -> {
            current.getMetadata().getAnnotations().remove(key);
            return current;
        });
    }

    /// A merge patch of the whole status: a computed difference would build on defaults that the host does not have.
    void writeStatus(Tenant tenant, TenantStatus status) {
        String patch =
                Json.object().set("status", Json.MAPPER.valueToTree(status)).toString();
        object(nameOf(tenant)).subresource("status").patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    static boolean hasAnnotation(Tenant tenant, String key) {
        Map<String, String> annotations = tenant.getMetadata().getAnnotations();
        return annotations != null && annotations.containsKey(key);
    }

    static String nameOf(Tenant tenant) {
        return tenant.getMetadata().getName();
    }

    private Resource<Tenant> object(String name) {
        return host.resources(Tenant.class).withName(name);
    }
}
