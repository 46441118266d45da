package io.insula.tenantapi.apply;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.schema.SchemaType;
import io.insula.tenantapi.schema.SchemaType.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// Whether a tree fits its type well enough to be merged: known fields, right forms, elements that have their keys.
/// Source: structured-merge-diff, `typed/validate.go`.
final class Validation {

    private final boolean allowDuplicates;
    /// Names of fields and elements from the root on: made into text only for a finding.
    private final List<Object> path = new ArrayList<>();

    private Validation(boolean allowDuplicates) {
        this.allowDuplicates = allowDuplicates;
    }

    /// @throws TypedException on the first finding
    static void check(SchemaType type, JsonNode value, boolean allowDuplicates) {
        new Validation(allowDuplicates).value(type, value);
    }

    private void value(SchemaType type, JsonNode value) {
        if (value.isNull()) {
            return;
        }
        switch (Types.form(type, value)) {
            case MAP -> map(type, value);
            case LIST -> list(type, value);
            case SCALAR -> scalar(type, value);
        }
    }

    private void map(SchemaType type, JsonNode value) {
        if (!value.isObject()) {
            throw finding("expected map, got " + value);
        }
        boolean closed = type.shape() == Shape.OBJECT && !type.preserveUnknownFields();
        for (Map.Entry<String, JsonNode> entry : value.properties()) {
            path.add(entry.getKey());
            if (closed && !Types.isNamedField(type, entry.getKey())) {
                throw finding("field not declared in schema");
            }
            value(Types.field(type, entry.getKey()), entry.getValue());
            path.removeLast();
        }
    }

    private void list(SchemaType type, JsonNode value) {
        if (!value.isArray()) {
            throw finding("expected list, got " + value);
        }
        boolean granular = !Types.isAtomic(type, Types.Form.LIST);
        var seen = new HashSet<PathElement>();
        for (int i = 0; i < value.size(); i++) {
            PathElement name = granular ? name(type, value.get(i), i) : new PathElement.Index(i);
            if (granular && !seen.add(name) && !allowDuplicates) {
                throw finding("duplicate entries for key " + name);
            }
            path.add(name);
            value(Types.element(type), value.get(i));
            path.removeLast();
        }
    }

    private PathElement name(SchemaType type, JsonNode element, int index) {
        try {
            return Types.nameOf(type, element);
        } catch (TypedException e) {
            throw finding("element " + index + ": " + e.getMessage());
        }
    }

    private void scalar(SchemaType type, JsonNode value) {
        String wanted = switch (type.shape()) {
            case INTEGER, NUMBER -> value.isNumber() ? "" : "numeric (int or float)";
            case STRING, TIME -> value.isTextual() ? "" : "string";
            case BOOLEAN -> value.isBoolean() ? "" : "boolean";
            default -> value.isValueNode() ? "" : "any scalar";
        };
        if (!wanted.isEmpty()) {
            throw finding("expected " + wanted + ", got " + value);
        }
    }

    private TypedException finding(String message) {
        var text = new StringBuilder();
        path.forEach(step -> text.append(step instanceof String name ? "." + name : step));
        return new TypedException(text.toString(), message);
    }
}
