package io.insula.tenantapi.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.schema.SchemaType;
import io.insula.tenantapi.schema.SchemaType.ListType;
import io.insula.tenantapi.schema.SchemaType.Shape;
import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How server-side apply sees a type: as a map, a list or a scalar. A value of type ANY is what it looks like; its
/// objects are granular and its lists atomic. Source: structured-merge-diff, the "deduced" type.
final class Types {

    enum Form {
        MAP,
        LIST,
        SCALAR
    }

    private Types() {}

    /// @param value null where it is absent
    static Form form(SchemaType type, @Nullable JsonNode value) {
        return switch (type.shape()) {
            case OBJECT, MAP -> Form.MAP;
            case LIST -> Form.LIST;
            case STRING, INTEGER, NUMBER, BOOLEAN, INT_OR_STRING, QUANTITY, TIME -> Form.SCALAR;
            case ANY -> {
                if (value == null || value.isNull() || value.isObject()) {
                    yield Form.MAP;
                }
                yield value.isArray() ? Form.LIST : Form.SCALAR;
            }
        };
    }

    static boolean isAtomic(SchemaType type, Form form) {
        return type.shape() == Shape.ANY ? form == Form.LIST : type.atomic();
    }

    static boolean isNamedField(SchemaType type, String name) {
        return type.shape() == Shape.OBJECT && type.properties().containsKey(name);
    }

    static SchemaType field(SchemaType type, String name) {
        return switch (type.shape()) {
            case OBJECT -> type.property(name).orElse(SchemaType.ANY);
            case MAP -> type.items();
            default -> SchemaType.ANY;
        };
    }

    /// What upstream's structures have in a field that is absent here, where ownership sees the difference: an
    /// empty object for a struct, null for a list or map that is never left out. So nobody owns `spec` itself by
    /// setting the first field in it.
    ///
    /// @param other the value of the field in the object compared with
    /// @return null for nothing
    static @Nullable JsonNode implied(SchemaType type, String name, @Nullable JsonNode other) {
        SchemaType field = isNamedField(type, name) ? field(type, name) : SchemaType.ANY;
        if (field.alwaysWritten() && other instanceof ObjectNode object) {
            return object.objectNode();
        }
        boolean isList = field.shape() == Shape.LIST || field.shape() == Shape.MAP;
        boolean hasElements = other != null && other.isContainerNode() && !other.isEmpty();
        return isList && hasElements && !field.atomic() && type.required().contains(name)
                ? NullNode.getInstance()
                : null;
    }

    static SchemaType element(SchemaType type) {
        return type.shape() == Shape.LIST ? type.items() : SchemaType.ANY;
    }

    static SchemaType at(SchemaType type, PathElement element) {
        return element instanceof PathElement.Field(String name) ? field(type, name) : element(type);
    }

    static @Nullable ObjectNode map(@Nullable JsonNode value) {
        return value instanceof ObjectNode object ? object : null;
    }

    static @Nullable ArrayNode list(@Nullable JsonNode value) {
        return value instanceof ArrayNode array ? array : null;
    }

    /// How an element of a granular list is named.
    ///
    /// @throws TypedException when it has no name
    static PathElement nameOf(SchemaType list, JsonNode element) {
        return list.listType() == ListType.SET ? valueOf(element) : keyOf(list, element);
    }

    private static PathElement valueOf(JsonNode element) {
        if (element.isContainerNode()) {
            throw new TypedException(
                    "",
                    element.isObject()
                            ? "associative list without keys has an element that's a map type"
                            : "not supported: associative list with lists as elements");
        }
        if (element.isNull()) {
            throw new TypedException("", "associative list without keys has an element that's an explicit null");
        }
        return new PathElement.Value(element);
    }

    private static PathElement keyOf(SchemaType list, JsonNode element) {
        if (!element.isObject()) {
            throw new TypedException(
                    "",
                    element.isNull()
                            ? "associative list with keys may not have a null element"
                            : "associative list with keys may not have non-map elements");
        }
        var keys = new ArrayList<Map.Entry<String, JsonNode>>();
        for (String key : list.listMapKeys()) {
            JsonNode value = element.get(key);
            if (value != null) {
                keys.add(Map.entry(key, value));
            } else {
                list.items().property(key).flatMap(SchemaType::keyDefault).ifPresent(d -> keys.add(Map.entry(key, d)));
            }
        }
        if (keys.isEmpty()) {
            throw new TypedException(
                    "",
                    "associative list with keys has an element that omits all key fields " + list.listMapKeys()
                            + " (and doesn't have default values for any key fields)");
        }
        return new PathElement.Key(keys);
    }
}
