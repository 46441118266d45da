package io.insula.tenantapi.apply;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.schema.SchemaType;
import io.insula.tenantapi.schema.SchemaType.Shape;
import java.util.Map;
import java.util.TreeSet;

/// Whether a tree fits its type well enough to be merged: known fields, right forms, elements that have their keys.
/// Source: structured-merge-diff, `typed/validate.go`.
final class Validation {

    private final boolean allowDuplicates;

    private Validation(boolean allowDuplicates) {
        this.allowDuplicates = allowDuplicates;
    }

    /// @throws TypedException on the first finding
    static void check(SchemaType type, JsonNode value, boolean allowDuplicates) {
        new Validation(allowDuplicates).value(type, value, "");
    }

    private void value(SchemaType type, JsonNode value, String path) {
        if (value.isNull()) {
            return;
        }
        switch (Types.form(type, value)) {
            case MAP -> map(type, value, path);
            case LIST -> list(type, value, path);
            case SCALAR -> scalar(type, value, path);
        }
    }

    private void map(SchemaType type, JsonNode value, String path) {
        if (!value.isObject()) {
            throw new TypedException(path, "expected map, got " + value);
        }
        boolean closed = type.shape() == Shape.OBJECT && !type.preserveUnknownFields();
        for (Map.Entry<String, JsonNode> entry : value.properties()) {
            String at = path + "." + entry.getKey();
            if (closed && !Types.isNamedField(type, entry.getKey())) {
                throw new TypedException(at, "field not declared in schema");
            }
            value(Types.field(type, entry.getKey()), entry.getValue(), at);
        }
    }

    private void list(SchemaType type, JsonNode value, String path) {
        if (!value.isArray()) {
            throw new TypedException(path, "expected list, got " + value);
        }
        boolean granular = !Types.isAtomic(type, Types.Form.LIST);
        var seen = new TreeSet<PathElement>();
        for (int i = 0; i < value.size(); i++) {
            PathElement name = granular ? name(type, value.get(i), path, i) : new PathElement.Index(i);
            if (!seen.add(name) && !allowDuplicates) {
                throw new TypedException(path, "duplicate entries for key " + name);
            }
            value(Types.element(type), value.get(i), path + name);
        }
    }

    private static PathElement name(SchemaType type, JsonNode element, String path, int index) {
        try {
            return Types.nameOf(type, element);
        } catch (TypedException e) {
            throw new TypedException(path, "element " + index + ": " + e.getMessage());
        }
    }

    private static void scalar(SchemaType type, JsonNode value, String path) {
        String wanted = switch (type.shape()) {
            case INTEGER, NUMBER -> value.isNumber() ? "" : "numeric (int or float)";
            case STRING, TIME -> value.isTextual() ? "" : "string";
            case BOOLEAN -> value.isBoolean() ? "" : "boolean";
            default -> value.isValueNode() ? "" : "any scalar";
        };
        if (!wanted.isEmpty()) {
            throw new TypedException(path, "expected " + wanted + ", got " + value);
        }
    }
}
