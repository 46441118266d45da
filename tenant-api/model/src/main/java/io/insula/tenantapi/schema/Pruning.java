package io.insula.tenantapi.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.schema.FieldChecker.Findings;
import io.insula.tenantapi.schema.FieldChecker.TypeError;
import io.insula.tenantapi.schema.SchemaType.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Drops from custom resources what their schema does not name. Source: kubernetes/apiextensions-apiserver,
/// `schema/pruning` and `schema/objectmeta`.
final class Pruning {

    private final SchemaType objectMeta;
    private final List<String> unknown = new ArrayList<>();
    private final List<TypeError> errors = new ArrayList<>();

    private Pruning(SchemaType objectMeta) {
        this.objectMeta = objectMeta;
    }

    static Findings prune(SchemaType root, SchemaType objectMeta, ObjectNode object) {
        var run = new Pruning(objectMeta);
        run.fields(root, object, "");
        return new Findings(run.unknown, run.errors);
    }

    private void value(SchemaType type, JsonNode value, String path) {
        switch (value) {
            case ObjectNode object when type.shape() == Shape.OBJECT -> fields(type, object, path);
            case ObjectNode map
            when type.shape() == Shape.MAP ->
                map.properties().forEach(e -> value(type.items(), e.getValue(), path + "." + e.getKey()));
            case ArrayNode list when type.shape() == Shape.LIST -> elements(type.items(), list, path);
            default -> {}
        }
    }

    private void elements(SchemaType type, ArrayNode list, String path) {
        for (int i = 0; i < list.size(); i++) {
            value(type, list.get(i), path + "[" + i + "]");
        }
    }

    private void fields(SchemaType type, ObjectNode object, String path) {
        var fields = object.properties().iterator();
        while (fields.hasNext()) {
            Map.Entry<String, JsonNode> entry = fields.next();
            String name = entry.getKey();
            String at = path.isEmpty() ? name : path + "." + name;
            if (type.embeddedResource() && name.equals("metadata")) {
                metadata(entry.getValue(), at);
            } else if (type.properties().containsKey(name)) {
                value(type.property(name).orElse(SchemaType.ANY), entry.getValue(), at);
            } else if (!type.preserveUnknownFields()) {
                unknown.add(at);
                fields.remove();
            }
        }
    }

    private void metadata(JsonNode value, String path) {
        if (!(value instanceof ObjectNode metadata)) {
            errors.add(new TypeError(path, Scalars.mismatch(value, "." + path, Scalars.goType(objectMeta))));
            return;
        }
        Findings found = FieldChecker.decode(objectMeta, metadata);
        found.unknownFields().forEach(f -> unknown.add(path + "." + f));
        found.typeErrors().forEach(e -> errors.add(new TypeError(path + "." + e.field(), e.message())));
    }

    /// Removes the nulls of fields that are neither nullable nor defaulted.
    static void dropNulls(SchemaType type, JsonNode value) {
        switch (value) {
            case ObjectNode object
            when type.shape() == Shape.OBJECT || type.shape() == Shape.MAP -> {
                object.properties().removeIf(e -> isWrongNull(field(type, e.getKey()), e.getValue()));
                object.properties().forEach(e -> dropNulls(field(type, e.getKey()), e.getValue()));
            }
            case ArrayNode list when type.shape() == Shape.LIST -> list.forEach(e -> dropNulls(type.items(), e));
            default -> {}
        }
    }

    private static SchemaType field(SchemaType type, String name) {
        return type.shape() == Shape.MAP ? type.items() : type.property(name).orElse(SchemaType.ANY);
    }

    private static boolean isWrongNull(SchemaType type, JsonNode value) {
        boolean isKnown = type.shape() != Shape.ANY;
        return isKnown
                && value.isNull()
                && !type.nullable()
                && type.defaultValue().isEmpty();
    }
}
