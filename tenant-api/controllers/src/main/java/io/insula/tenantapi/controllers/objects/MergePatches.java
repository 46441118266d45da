package io.insula.tenantapi.controllers.objects;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;

/// Makes merge patches (RFC 7386).
public final class MergePatches {

    private MergePatches() {}

    /// What turns one tree into another; empty when they are equal. Lists are replaced whole.
    public static ObjectNode between(JsonNode current, ObjectNode wanted) {
        ObjectNode patch = Json.object();
        wanted.properties().forEach(field -> {
            JsonNode before = current.path(field.getKey());
            JsonNode after = field.getValue();
            if (before.equals(after)) {
                return;
            }
            patch.set(
                    field.getKey(),
                    before.isObject() && after instanceof ObjectNode object ? between(before, object) : after);
        });
        current.fieldNames().forEachRemaining(field -> {
            if (!wanted.has(field)) {
                patch.putNull(field);
            }
        });
        return patch;
    }
}
