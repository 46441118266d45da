package io.insula.tenantapi.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/// Writes the defaults that a schema names into the objects that are present; it makes no object to have a place
/// for one, unless that object itself is a default.
///
/// For built-in kinds a `default` counts only when it is not Go's zero value: upstream's generator also notes
/// `{}`, `""`, `0` and `false` for every field that Go always writes, while a `+default` marker says something
/// else (protocol TCP). For custom resources every `default` counts, also in place of a null that the field does
/// not allow. Source: kubernetes/apiextensions-apiserver, `schema/defaulting`.
public final class Defaulter {

    private Defaulter() {}

    /// Changes `object`; idempotent.
    public static void apply(SchemaType type, ObjectNode object) {
        value(type, object);
    }

    private static void value(SchemaType type, JsonNode value) {
        switch (value) {
            case ObjectNode object when type.shape() == SchemaType.Shape.OBJECT -> fields(type, object);
            case ObjectNode map when type.shape() == SchemaType.Shape.MAP -> entries(type.items(), map);
            case ArrayNode list when type.shape() == SchemaType.Shape.LIST -> elements(type.items(), list);
            default -> {}
        }
    }

    private static void fields(SchemaType type, ObjectNode object) {
        for (Map.Entry<String, SchemaType> property : type.properties().entrySet()) {
            JsonNode present = object.get(property.getKey());
            SchemaType wanted = property.getValue();
            if (present == null || isWrongNull(wanted, present)) {
                wanted.defaultValue().ifPresent(d -> object.set(property.getKey(), d.deepCopy()));
            }
            JsonNode now = object.get(property.getKey());
            if (now != null) {
                value(wanted, now);
            }
        }
    }

    private static void entries(SchemaType type, ObjectNode map) {
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            if (isWrongNull(type, entry.getValue())) {
                type.defaultValue().ifPresent(d -> entry.setValue(d.deepCopy()));
            }
            value(type, entry.getValue());
        }
    }

    private static void elements(SchemaType type, ArrayNode list) {
        for (int i = 0; i < list.size(); i++) {
            int at = i;
            if (isWrongNull(type, list.get(i))) {
                type.defaultValue().ifPresent(d -> list.set(at, d.deepCopy()));
            }
            value(type, list.get(i));
        }
    }

    private static boolean isWrongNull(SchemaType type, JsonNode value) {
        return value.isNull() && !type.nullable();
    }
}
