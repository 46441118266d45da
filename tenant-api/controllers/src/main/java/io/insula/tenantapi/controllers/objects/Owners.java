package io.insula.tenantapi.controllers.objects;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import java.util.Optional;

/// Owner references.
public final class Owners {

    private Owners() {}

    /// The reference with `controller: true`, of which validation lets there be one.
    public static Optional<JsonNode> controllerOf(JsonNode object) {
        for (JsonNode owner : object.path("metadata").path("ownerReferences")) {
            if (owner.path("controller").asBoolean()) {
                return Optional.of(owner);
            }
        }
        return Optional.empty();
    }

    public static boolean isControlledBy(JsonNode object, JsonNode owner) {
        return controllerOf(object)
                .map(ref -> ref.path("uid").asText().equals(Meta.uid(owner)))
                .orElse(false);
    }

    /// The name of the controlling owner if it is of this kind (any version of the group), else empty.
    public static Optional<String> controllerName(JsonNode object, String group, String kind) {
        return controllerOf(object)
                .filter(ref -> ref.path("kind").asText().equals(kind))
                .filter(ref -> groupOf(ref.path("apiVersion").asText()).equals(group))
                .map(ref -> ref.path("name").asText());
    }

    /// A controlling, deletion-blocking reference to `owner`.
    public static ObjectNode controllerReference(JsonNode owner) {
        return Json.object()
                .put("apiVersion", owner.path("apiVersion").asText())
                .put("kind", owner.path("kind").asText())
                .put("name", Meta.name(owner))
                .put("uid", Meta.uid(owner))
                .put("controller", true)
                .put("blockOwnerDeletion", true);
    }

    private static String groupOf(String apiVersion) {
        int slash = apiVersion.indexOf('/');
        return slash < 0 ? "" : apiVersion.substring(0, slash);
    }
}
