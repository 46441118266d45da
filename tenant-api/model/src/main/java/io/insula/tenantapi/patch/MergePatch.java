package io.insula.tenantapi.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/// JSON merge patch. Source: RFC 7386; as upstream's library does, nulls also vanish from objects within lists.
public final class MergePatch {

    private MergePatch() {}

    /// A new tree; neither argument is changed.
    public static ObjectNode apply(ObjectNode document, ObjectNode patch) {
        ObjectNode result = document.deepCopy();
        merge(result, patch);
        return result;
    }

    private static void merge(ObjectNode target, ObjectNode patch) {
        for (Map.Entry<String, JsonNode> entry : patch.properties()) {
            String field = entry.getKey();
            JsonNode wanted = entry.getValue();
            if (wanted.isNull()) {
                target.remove(field);
            } else if (wanted instanceof ObjectNode changes && target.get(field) instanceof ObjectNode present) {
                merge(present, changes);
            } else {
                JsonNode value = wanted.deepCopy();
                dropNulls(value);
                target.set(field, value);
            }
        }
    }

    /// Removes the null fields of all objects in `value`.
    static void dropNulls(JsonNode value) {
        switch (value) {
            case ObjectNode object -> {
                object.properties().removeIf(e -> e.getValue().isNull());
                object.forEach(MergePatch::dropNulls);
            }
            case ArrayNode array -> array.forEach(MergePatch::dropNulls);
            default -> {}
        }
    }
}
