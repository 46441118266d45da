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

    /// Where telling ends: a hostile object may have a long path to many findings, whose product is no memory's size.
    private static final int LONGEST_TEXT = 1 << 20;

    private final boolean allowDuplicates;
    /// Names of fields and elements from the root on: made into text only for a finding.
    private final List<Object> path = new ArrayList<>();

    private final List<String> findings = new ArrayList<>();
    private int characters;

    private Validation(boolean allowDuplicates) {
        this.allowDuplicates = allowDuplicates;
    }

    /// @throws TypedException that tells all findings
    static void check(SchemaType type, JsonNode value, boolean allowDuplicates) {
        var validation = new Validation(allowDuplicates);
        validation.value(type, value);
        if (!validation.findings.isEmpty()) {
            throw TypedException.of(validation.findings);
        }
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
            found("expected map, got " + value);
            return;
        }
        boolean closed = type.shape() == Shape.OBJECT && !type.preserveUnknownFields();
        for (Map.Entry<String, JsonNode> entry : value.properties()) {
            path.add(entry.getKey());
            if (closed && !Types.isNamedField(type, entry.getKey())) {
                found("field not declared in schema");
            } else {
                value(Types.field(type, entry.getKey()), entry.getValue());
            }
            path.removeLast();
        }
    }

    private void list(SchemaType type, JsonNode value) {
        if (!value.isArray()) {
            found("expected list, got " + value);
            return;
        }
        boolean granular = !Types.isAtomic(type, Types.Form.LIST);
        var seen = new HashSet<PathElement>();
        for (int i = 0; i < value.size(); i++) {
            PathElement name;
            try {
                name = granular ? Types.nameOf(type, value.get(i)) : new PathElement.Index(i);
            } catch (TypedException e) {
                found("element " + i + ": " + e.getMessage());
                return; // as upstream does: what has no name cannot be told of
            }
            if (granular && !seen.add(name) && !allowDuplicates) {
                found("duplicate entries for key " + name);
            }
            path.add(name);
            value(Types.element(type), value.get(i));
            path.removeLast();
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
            found("expected " + wanted + ", got " + value);
        }
    }

    private void found(String message) {
        if (characters > LONGEST_TEXT) {
            return;
        }
        var text = new StringBuilder();
        path.forEach(step -> text.append(step instanceof String name ? "." + name : step));
        findings.add(text.isEmpty() ? message : text + ": " + message);
        characters += findings.getLast().length();
    }
}
