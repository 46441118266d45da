package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Meta;

/// Where namespaces differ from everything else: `spec.finalizers` hold them back after deletion, and only the
/// `finalize` subresource changes these. Source: kubernetes/kubernetes, `registry/core/namespace/storage`.
final class NamespaceRules {

    static final String FINALIZE = "finalize";
    private static final GroupVersionKind NAMESPACE = new GroupVersionKind("", "v1", "Namespace");

    private NamespaceRules() {}

    static boolean isNamespace(ResourceKind kind) {
        return kind.spec().kind().equals(NAMESPACE);
    }

    static boolean isFinalize(Target target) {
        return isNamespace(target.kind()) && target.subresource().equals(FINALIZE);
    }

    static boolean holdsBack(ResourceKind kind, JsonNode object) {
        return isNamespace(kind) && !object.path("spec").path("finalizers").isEmpty();
    }

    /// What `finalize` takes: spec.finalizers alone.
    static ObjectNode onlyFinalizers(ObjectNode wanted, ObjectNode current) {
        ObjectNode result = current.deepCopy();
        ObjectNode spec = result.withObjectProperty("spec");
        JsonNode finalizers = wanted.path("spec").path("finalizers");
        if (finalizers.isEmpty()) {
            spec.remove("finalizers");
        } else {
            spec.set("finalizers", finalizers.deepCopy());
        }
        ObjectNode metadata = Meta.of(result);
        metadata.put("resourceVersion", Meta.resourceVersion(wanted));
        return result;
    }

    static void markTerminating(ResourceKind kind, ObjectNode object) {
        if (isNamespace(kind)) {
            object.withObjectProperty("status").put("phase", "Terminating");
        }
    }
}
