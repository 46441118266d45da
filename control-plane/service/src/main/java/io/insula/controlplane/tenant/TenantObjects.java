package io.insula.controlplane.tenant;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.insula.tenantapi.api.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The `Tenant` objects of the host, and the few things that the control plane writes to them. Thread-safe; keeps
/// nothing.
final class TenantObjects {

    private static final ResourceDefinitionContext AS_THEY_ARE = new ResourceDefinitionContext.Builder()
            .withGroup(Tenancy.GROUP)
            .withVersion(Tenancy.VERSION)
            .withKind("Tenant")
            .withPlural("tenants")
            .withNamespaced(false)
            .build();

    private final KubernetesClient host;

    TenantObjects(KubernetesClient host) {
        this.host = host;
    }

    Optional<Tenant> find(String name) {
        return Optional.ofNullable(object(name).get());
    }

    /// With every field that the host has of it, also those of other releases; empty where there is none.
    Optional<ObjectNode> tree(String name) {
        return Optional.ofNullable(host.genericKubernetesResources(AS_THEY_ARE)
                        .withName(name)
                        .get())
                .map(Json.MAPPER::<ObjectNode>valueToTree);
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
        annotate(tenant, Json.object().put(key, value));
    }

    /// All at once; what is not there stays so.
    void removeAnnotations(Tenant tenant, String... keys) {
        ObjectNode annotations = Json.object();
        List.of(keys).forEach(annotations::putNull);
        annotate(tenant, annotations);
    }

    /// It has been set back to a backup: the wish goes and the mark comes in one write.
    void restored(Tenant tenant, String backup) {
        annotate(tenant, Json.object().putNull(Tenancy.RESTORE).put(Tenancy.RESTORED, backup));
    }

    /// It has been made of another tenant's backup; on the host there is nothing of it that could have come later.
    void copied(Tenant tenant, String from) {
        annotate(tenant, Json.object().putNull(Tenancy.RESTORE).put(Tenancy.COPIED_FROM, from));
    }

    private void annotate(Tenant tenant, ObjectNode annotations) {
        String patch = Json.object()
                .set("metadata", Json.object().set("annotations", annotations))
                .toString();
        object(nameOf(tenant)).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    /// Empty where there is none.
    static String annotation(Tenant tenant, String key) {
        Map<String, String> annotations = tenant.getMetadata().getAnnotations();
        return annotations == null ? "" : annotations.getOrDefault(key, "");
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
