package io.insula.tenantapi.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.insula.tenantapi.schema.FieldChecker.Findings;
import io.insula.tenantapi.schema.FieldChecker.TypeError;
import io.insula.tenantapi.schema.SchemaType.Shape;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// One walk of [FieldChecker]. Confined to one thread, used once.
final class FieldWalk {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final boolean changes;
    private final List<String> unknown = new ArrayList<>();
    private final List<TypeError> errors = new ArrayList<>();
    /// With list indexes and map keys, for unknown fields.
    private final StringBuilder path = new StringBuilder();
    /// Field names only, for Go's messages.
    private final StringBuilder goPath = new StringBuilder();

    private String struct = "";

    FieldWalk(boolean changes) {
        this.changes = changes;
    }

    Findings run(SchemaType type, ObjectNode object) {
        value(type, object);
        return new Findings(unknown, errors);
    }

    /// Answers what shall stand in the value's place: mostly the value itself.
    private JsonNode value(SchemaType type, JsonNode value) {
        if (value.isNull()) {
            return changes ? zero(type) : value;
        }
        switch (type.shape()) {
            case OBJECT -> {
                if (value instanceof ObjectNode object) {
                    object(type, object);
                } else {
                    mismatch(type, value);
                }
            }
            case MAP -> {
                if (value instanceof ObjectNode map) {
                    entries(type, map);
                } else {
                    mismatch(type, value);
                }
            }
            case LIST -> {
                if (value instanceof ArrayNode list) {
                    elements(type.items(), list);
                } else {
                    mismatch(type, value);
                }
            }
            case ANY -> any(type, value);
            case STRING, INTEGER, NUMBER, BOOLEAN, INT_OR_STRING, QUANTITY, TIME -> {
                String error = Scalars.error(type, value, field());
                if (error.isEmpty()) {
                    return changes ? Scalars.canonical(type, value) : value;
                }
                errors.add(new TypeError(path.toString(), error));
            }
        }
        return value;
    }

    private void object(SchemaType type, ObjectNode object) {
        String outer = struct;
        struct = type.name();
        for (Iterator<Map.Entry<String, JsonNode>> all = object.properties().iterator(); all.hasNext(); ) {
            Map.Entry<String, JsonNode> entry = all.next();
            SchemaType field = type.properties().get(entry.getKey());
            if (field == null) {
                if (!type.preserveUnknownFields()) {
                    unknown.add(path.isEmpty() ? entry.getKey() : path + "." + entry.getKey());
                    removeIf(changes, all);
                }
                continue;
            }
            JsonNode kept = inField(entry.getKey(), field, entry.getValue());
            if (changes) {
                entry.setValue(kept);
                removeIf(entry.getValue().isNull() || isLeftOut(type, entry.getKey(), field, kept), all);
            }
        }
        struct = outer;
    }

    private static void removeIf(boolean condition, Iterator<?> iterator) {
        if (condition) {
            iterator.remove();
        }
    }

    /// Go leaves empty lists and maps out where a field may be omitted, and zeros where they say nothing.
    /// `managedFields: []` is a request of its own.
    private static boolean isLeftOut(SchemaType parent, String name, SchemaType type, JsonNode value) {
        if (value.isValueNode()) {
            return parent.omitsZero(name) && TypeReader.isZero(value);
        }
        return value.isContainerNode()
                && value.isEmpty()
                && (type.shape() == Shape.LIST || type.shape() == Shape.MAP)
                && !parent.required().contains(name)
                && !name.equals("managedFields");
    }

    private JsonNode inField(String name, SchemaType type, JsonNode value) {
        if (value.isNull()) {
            return value;
        }
        int length = path.length();
        int goLength = goPath.length();
        path.append(length == 0 ? "" : ".").append(name);
        goPath.append(goLength == 0 ? "" : ".").append(name);
        JsonNode kept = value(type, value);
        path.setLength(length);
        goPath.setLength(goLength);
        return kept;
    }

    private void entries(SchemaType type, ObjectNode map) {
        SchemaType items = type.items();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            int length = path.length();
            path.append(length == 0 ? "" : ".").append(entry.getKey());
            JsonNode kept = value(items, entry.getValue());
            if (changes) {
                entry.setValue(kept);
            }
            path.setLength(length);
        }
    }

    private void elements(SchemaType items, ArrayNode list) {
        for (int i = 0; i < list.size(); i++) {
            int length = path.length();
            path.append('[').append(i).append(']');
            JsonNode kept = value(items, list.get(i));
            if (changes) {
                list.set(i, kept);
            }
            path.setLength(length);
        }
    }

    private void any(SchemaType type, JsonNode value) {
        SchemaType objects = type.items();
        if (objects.shape() == Shape.ANY) {
            return;
        }
        if (value instanceof ObjectNode object) {
            object(objects, object);
        } else if (value instanceof ArrayNode list && list.get(0) instanceof ObjectNode) {
            elements(objects, list);
        }
    }

    private void mismatch(SchemaType type, JsonNode value) {
        errors.add(new TypeError(path.toString(), Scalars.mismatch(value, field(), Scalars.goType(type))));
    }

    private String field() {
        return goPath.isEmpty() ? "" : Scalars.simpleName(struct) + "." + goPath;
    }

    private static JsonNode zero(SchemaType type) {
        return switch (type.shape()) {
            case OBJECT, MAP -> NODES.objectNode();
            case LIST -> NODES.arrayNode();
            case STRING -> TextNode.valueOf("");
            case QUANTITY -> TextNode.valueOf("0");
            case INTEGER, NUMBER, INT_OR_STRING -> NODES.numberNode(0);
            case BOOLEAN -> NODES.booleanNode(false);
            case TIME, ANY -> NODES.nullNode();
        };
    }
}
