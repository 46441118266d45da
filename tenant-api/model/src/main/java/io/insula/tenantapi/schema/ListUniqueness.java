package io.insula.tenantapi.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Whether lists of type set and map hold each element once. Source: kubernetes/apiextensions-apiserver,
/// `schema/listtype`.
final class ListUniqueness {

    private final List<FieldError> errors = new ArrayList<>();

    private ListUniqueness() {}

    static List<FieldError> check(JsonNode schema, JsonNode value) {
        var run = new ListUniqueness();
        run.value(schema, value, "");
        return run.errors;
    }

    private void value(JsonNode schema, JsonNode value, String path) {
        if (value.isObject()) {
            for (Map.Entry<String, JsonNode> entry : value.properties()) {
                String name = entry.getKey();
                JsonNode property = schema.path("properties").path(name);
                boolean isKey = property.isMissingNode();
                String at = isKey ? path + "[" + name + "]" : path.isEmpty() ? name : path + "." + name;
                value(isKey ? schema.path("additionalProperties") : property, entry.getValue(), at);
            }
        } else if (value.isArray()) {
            list(schema, value, path);
        }
    }

    private void list(JsonNode schema, JsonNode list, String path) {
        switch (schema.path("x-kubernetes-list-type").asText("")) {
            case "set" -> unique(list, path);
            case "map" -> keys(schema.path("x-kubernetes-list-map-keys"), list, path);
            default -> {}
        }
        for (int i = 0; i < list.size(); i++) {
            value(schema.path("items"), list.get(i), path + "[" + i + "]");
        }
    }

    private void keys(JsonNode names, JsonNode list, String path) {
        var keys = Json.object().arrayNode();
        for (int i = 0; i < list.size(); i++) {
            JsonNode element = list.get(i);
            if (!element.isNull() && !element.isObject()) {
                errors.add(FieldError.invalid(
                        path + "[" + i + "]", element, "must be an object for an array of list-type map"));
                return;
            }
            ObjectNode key = keys.addObject();
            for (JsonNode name : names) {
                JsonNode part = element.get(name.asText());
                if (part != null) {
                    key.set(name.asText(), part);
                }
            }
        }
        unique(keys, path);
    }

    /// Reports the second of equal elements, once.
    private void unique(JsonNode list, String path) {
        var times = new HashMap<String, Integer>();
        for (int i = 0; i < list.size(); i++) {
            int seen = times.merge(list.get(i).toString(), 1, Integer::sum);
            if (seen == 2) {
                JsonNode value = list.get(i);
                errors.add(FieldError.duplicate(path + "[" + i + "]", value.isTextual() ? value.asText() : value));
            }
        }
    }
}
