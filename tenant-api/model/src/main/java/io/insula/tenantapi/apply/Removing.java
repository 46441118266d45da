package io.insula.tenantapi.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.schema.SchemaType;
import java.util.Map;

/// Takes the members of a set out of a value. Source: structured-merge-diff, `typed/remove.go`.
final class Removing {

    private Removing() {}

    /// A new tree; null where nothing is left of a map or list.
    static JsonNode remove(SchemaType type, JsonNode value, FieldSet unwanted) {
        Types.Form form = Types.form(type, value);
        if (form == Types.Form.SCALAR) {
            return value;
        }
        if (Types.isAtomic(type, form)) {
            return NullNode.getInstance();
        }
        return switch (value) {
            case ObjectNode object -> orNull(fields(type, object, unwanted));
            case ArrayNode list -> orNull(elements(type, list, unwanted));
            default -> NullNode.getInstance();
        };
    }

    private static JsonNode orNull(JsonNode container) {
        return container.isEmpty() ? NullNode.getInstance() : container;
    }

    private static ObjectNode fields(SchemaType type, ObjectNode object, FieldSet unwanted) {
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            var name = new PathElement.Field(entry.getKey());
            if (unwanted.has(name)) {
                continue;
            }
            FieldSet below = unwanted.below(name);
            JsonNode value = entry.getValue();
            SchemaType field = Types.field(type, entry.getKey());
            out.set(entry.getKey(), below.isEmpty() ? value.deepCopy() : remove(field, value, below));
        }
        return out;
    }

    private static ArrayNode elements(SchemaType type, ArrayNode list, FieldSet unwanted) {
        ArrayNode out = JsonNodeFactory.instance.arrayNode();
        for (JsonNode element : list) {
            PathElement name = Types.nameOf(type, element);
            if (unwanted.has(name)) {
                continue;
            }
            FieldSet below = unwanted.below(name);
            out.add(below.isEmpty() ? element.deepCopy() : remove(Types.element(type), element, below));
        }
        return out;
    }
}
