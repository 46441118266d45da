package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;

/// Patches that need no schema.
final class JsonPatches {

    private JsonPatches() {}

    /// RFC 7386.
    static ObjectNode merge(ObjectNode view, JsonNode patch) {
        if (!patch.isObject()) {
            throw ApiException.badRequest("error decoding patch: expected an object");
        }
        ObjectNode result = view.deepCopy();
        patch.properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            if (value.isNull()) {
                result.remove(entry.getKey());
            } else if (value.isObject()) {
                ObjectNode below = result.get(entry.getKey()) instanceof ObjectNode object ? object : Json.object();
                result.set(entry.getKey(), merge(below, value));
            } else {
                result.set(entry.getKey(), value);
            }
        });
        return result;
    }
}
