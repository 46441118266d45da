package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.insula.controlplane.tenant.Tenancy;
import io.insula.tenantapi.api.Json;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/// The host's objects of the group `tenancy.insula.io`, as trees: no field that a newer release adds is lost
/// on the way. Every failure of the host becomes an [AdminException]. Thread-safe.
final class HostTenants {

    private static final ResourceDefinitionContext TENANTS = context("Tenant", "tenants");
    private static final ResourceDefinitionContext PROFILES = context("IsolationProfile", "isolationprofiles");

    private final KubernetesClient host;

    HostTenants(KubernetesClient host) {
        this.host = host;
    }

    /// @param limit 0 for all
    /// @param next from an earlier page; empty for the first
    record Page(int limit, String next, String labelSelector) {
        static final Page ALL = new Page(0, "", "");
    }

    ObjectNode list(Page page) {
        return ask(() -> tree(tenants().list(options(page))));
    }

    ObjectNode profiles(Page page) {
        return ask(() -> tree(host.genericKubernetesResources(PROFILES).list(options(page))));
    }

    Optional<ObjectNode> find(String name) {
        return ask(() -> Optional.ofNullable(tenants().withName(name).get()).map(HostTenants::tree));
    }

    Optional<ObjectNode> profile(String name) {
        return ask(() -> Optional.ofNullable(
                        host.genericKubernetesResources(PROFILES).withName(name).get())
                .map(HostTenants::tree));
    }

    /// Replaces the whole spec; makes the profile where there is none.
    ObjectNode applyProfile(String name, JsonNode spec, boolean rollOut) {
        return ask(() -> {
            var current =
                    host.genericKubernetesResources(PROFILES).withName(name).get();
            var wanted = Json.object()
                    .put("apiVersion", Tenancy.GROUP + "/" + Tenancy.VERSION)
                    .put("kind", "IsolationProfile");
            var metadata = wanted.putObject("metadata").put("name", name);
            wanted.set("spec", spec);
            if (rollOut) {
                metadata.putObject("annotations").put(Tenancy.ROLL_OUT, "true");
            }
            if (current == null) {
                return tree(host.resource(Json.MAPPER.convertValue(wanted, GenericKubernetesResource.class))
                        .create());
            }
            var patch = Json.MAPPER.createArrayNode();
            patch.addObject()
                    .put("op", "test")
                    .put("path", "/metadata/resourceVersion")
                    .put("value", current.getMetadata().getResourceVersion());
            patch.addObject().put("op", "replace").put("path", "/spec").set("value", spec);
            if (rollOut) {
                var annotations = new TreeMap<>(
                        Objects.requireNonNullElse(current.getMetadata().getAnnotations(), Map.<String, String>of()));
                annotations.put(Tenancy.ROLL_OUT, "true");
                patch.addObject()
                        .put("op", "add")
                        .put("path", "/metadata/annotations")
                        .set("value", Json.MAPPER.valueToTree(annotations));
            }
            return tree(host.genericKubernetesResources(PROFILES)
                    .withName(name)
                    .patch(PatchContext.of(PatchType.JSON), patch.toString()));
        });
    }

    /// Empty where the name is taken.
    Optional<ObjectNode> create(ObjectNode tenant) {
        return ask(() -> {
            try {
                return Optional.of(tree(host.resource(Json.MAPPER.convertValue(tenant, GenericKubernetesResource.class))
                        .create()));
            } catch (KubernetesClientException e) {
                if (e.getCode() == 409) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    ObjectNode patch(String name, ObjectNode patch) {
        return ask(() -> tree(tenants().withName(name).patch(PatchContext.of(PatchType.JSON_MERGE), patch.toString())));
    }

    /// @param resourceVersion that it must have; empty for any
    void delete(String name, String resourceVersion) {
        ask(() -> resourceVersion.isEmpty()
                ? tenants().withName(name).delete()
                : tenants().withName(name).lockResourceVersion(resourceVersion).delete());
    }

    private MixedOperation<
                    GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            tenants() {
        return host.genericKubernetesResources(TENANTS);
    }

    private static io.fabric8.kubernetes.api.model.ListOptions options(Page page) {
        var options = new ListOptionsBuilder();
        if (page.limit() > 0) {
            options.withLimit((long) page.limit());
        }
        if (!page.next().isEmpty()) {
            options.withContinue(page.next());
        }
        if (!page.labelSelector().isEmpty()) {
            options.withLabelSelector(page.labelSelector());
        }
        return options.build();
    }

    private static <T> T ask(Supplier<T> question) {
        try {
            return question.get();
        } catch (KubernetesClientException e) {
            throw failure(e);
        }
    }

    private static AdminException failure(KubernetesClientException e) {
        String message = e.getStatus() == null || e.getStatus().getMessage() == null
                ? String.valueOf(e.getMessage())
                : e.getStatus().getMessage();
        return switch (e.getCode()) {
            case 400 -> AdminException.badRequest(message);
            case 403 -> AdminException.forbidden("the host cluster refuses: " + message);
            case 404 -> AdminException.notFound(message);
            case 409 -> AdminException.changedMeanwhile(message);
            case 410 -> AdminException.expired(message);
            case 422 -> AdminException.invalid(message);
            default -> AdminException.notReady("the host cluster does not answer: " + message);
        };
    }

    private static ObjectNode tree(Object object) {
        return Json.MAPPER.valueToTree(object);
    }

    private static ResourceDefinitionContext context(String kind, String plural) {
        return new ResourceDefinitionContext.Builder()
                .withGroup(Tenancy.GROUP)
                .withVersion(Tenancy.VERSION)
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(false)
                .build();
    }
}
