package io.insula.tenantapi.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A value with the one that it replaces. Where both mean the same, what is wrong with the value was so before, and is
/// tolerated. Elements of lists correspond by the keys of a list of type map, and else not at all. Confined to one
/// validation. Source: kubernetes/apiserver, `pkg/cel/common/equality.go` (CRD validation ratcheting).
public final class Correlation {

    private final JsonNode schema;
    private final JsonNode value;
    private final JsonNode old;
    private final Map<Object, @Nullable Correlation> children = new HashMap<>();
    private @Nullable Boolean same;

    public Correlation(JsonNode schema, JsonNode value, JsonNode old) {
        this.schema = schema;
        this.value = value;
        this.old = old;
    }

    /// Whether nothing has changed.
    public boolean isSame() {
        if (same == null) {
            same = JsonValues.same(value, old);
        }
        return same;
    }

    /// The old value.
    public JsonNode old() {
        return old;
    }

    /// The field or entry `name`; null where it is new or the schema does not know it.
    public @Nullable Correlation key(String name) {
        if (!children.containsKey(name)) {
            children.put(name, findKey(name));
        }
        return children.get(name);
    }

    /// The element at `index`; null where nothing corresponds to it.
    public @Nullable Correlation index(int index) {
        if (!children.containsKey(index)) {
            children.put(index, findIndex(index));
        }
        return children.get(index);
    }

    private @Nullable Correlation findKey(String name) {
        if (!(value instanceof ObjectNode) || !(old instanceof ObjectNode) || !value.has(name) || !old.has(name)) {
            return null;
        }
        JsonNode property = schema.path("properties").path(name);
        JsonNode known = property.isObject() ? property : schema.path("additionalProperties");
        return known.isObject() ? new Correlation(known, value.get(name), old.get(name)) : null;
    }

    private @Nullable Correlation findIndex(int index) {
        if (!(value instanceof ArrayNode) || index >= value.size()) {
            return null;
        }
        JsonNode before = elementOf(schema, old, value.get(index));
        return before == null || !schema.path("items").isObject()
                ? null
                : new Correlation(schema.path("items"), value.get(index), before);
    }

    /// The element of `old` that has the keys of `element`; null unless the list is of type map and has one.
    public static @Nullable JsonNode elementOf(JsonNode listSchema, JsonNode old, JsonNode element) {
        if (!listSchema.path("x-kubernetes-list-type").asText("").equals("map") || !old.isArray()) {
            return null;
        }
        JsonNode keys = listSchema.path("x-kubernetes-list-map-keys");
        for (JsonNode candidate : old) {
            if (sameKeys(listSchema, keys, candidate, element)) {
                return candidate;
            }
        }
        return null;
    }

    private static boolean sameKeys(JsonNode schema, JsonNode keys, JsonNode a, JsonNode b) {
        for (JsonNode key : keys) {
            JsonNode otherwise =
                    schema.path("items").path("properties").path(key.asText()).path("default");
            JsonNode x = a.has(key.asText()) ? a.get(key.asText()) : otherwise;
            JsonNode y = b.has(key.asText()) ? b.get(key.asText()) : otherwise;
            if (!JsonValues.same(x, y)) {
                return false;
            }
        }
        return !keys.isEmpty();
    }
}
