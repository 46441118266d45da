package io.insula.tenantapi.controllers.objects;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;

/// Makes merge patches (RFC 7386).
public final class MergePatches {

    private MergePatches() {}

    /// A patch that changes nothing yet, and is refused with a conflict where the object is not as it was read: another
    /// of its name, or written meanwhile.
    public static ObjectNode asRead(ObjectNode object) {
        ObjectNode patch = Json.object();
        patch.putObject("metadata").put("uid", Meta.uid(object)).put("resourceVersion", Meta.resourceVersion(object));
        return patch;
    }

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
