package io.insula.tenantapi.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Small reads and defaults over object trees. Defaulting functions change the tree only where a field is absent.
public final class Fields {

    private Fields() {}

    public static void defaultTo(ObjectNode node, String field, String value) {
        if (isUnset(node, field)) {
            node.put(field, value);
        }
    }

    public static void defaultTo(ObjectNode node, String field, int value) {
        if (isUnset(node, field)) {
            node.put(field, value);
        }
    }

    public static void defaultTo(ObjectNode node, String field, boolean value) {
        if (isUnset(node, field)) {
            node.put(field, value);
        }
    }

    /// As [#defaultTo], and where the text is empty: for fields that Go keeps as plain strings.
    public static void defaultText(ObjectNode node, String field, String value) {
        if (node.path(field).asText("").isEmpty()) {
            node.put(field, value);
        }
    }

    public static boolean isUnset(JsonNode node, String field) {
        return !node.hasNonNull(field);
    }

    /// The object in `field`, made where absent.
    public static ObjectNode object(ObjectNode node, String field) {
        return node.path(field) instanceof ObjectNode there ? there : node.putObject(field);
    }

    /// Runs `action` on the object in `field`, if there is one.
    public static void ifObject(JsonNode node, String field, Consumer<ObjectNode> action) {
        if (node.path(field) instanceof ObjectNode there) {
            action.accept(there);
        }
    }

    /// Runs `action` on each object of the list in `field`.
    public static void each(JsonNode node, String field, Consumer<ObjectNode> action) {
        for (JsonNode item : node.path(field)) {
            if (item instanceof ObjectNode object) {
                action.accept(object);
            }
        }
    }

    public static List<String> texts(JsonNode list) {
        var all = new ArrayList<String>();
        list.forEach(i -> all.add(i.asText()));
        return all;
    }

    /// A map of strings, in the tree's order; empty where absent.
    public static Map<String, String> map(JsonNode node) {
        var all = new LinkedHashMap<String, String>();
        node.properties().forEach(e -> all.put(e.getKey(), e.getValue().asText()));
        return all;
    }

    /// The element of `list` whose `field` is `value`; a missing node where there is none.
    public static JsonNode find(JsonNode list, String field, String value) {
        for (JsonNode item : list) {
            if (item.path(field).asText().equals(value)) {
                return item;
            }
        }
        return MissingNode.getInstance();
    }
}
