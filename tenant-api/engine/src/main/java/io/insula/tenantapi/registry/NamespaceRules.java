package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;

/// Where namespaces differ from everything else: `spec.finalizers` hold them back after deletion. Source:
/// kubernetes/kubernetes, `registry/core/namespace/storage`.
final class NamespaceRules {

    private static final GroupVersionKind NAMESPACE = new GroupVersionKind("", "v1", "Namespace");

    private NamespaceRules() {}

    static boolean isNamespace(ResourceKind kind) {
        return kind.spec().kind().equals(NAMESPACE);
    }

    static boolean holdsBack(ResourceKind kind, JsonNode object) {
        return isNamespace(kind) && !object.path("spec").path("finalizers").isEmpty();
    }

    static void markTerminating(ResourceKind kind, ObjectNode object) {
        if (isNamespace(kind)) {
            object.withObjectProperty("status").put("phase", "Terminating");
        }
    }
}
