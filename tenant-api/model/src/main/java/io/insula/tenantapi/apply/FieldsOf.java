package io.insula.tenantapi.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.schema.SchemaType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// The fields that a value has: its leaves, its list elements and its map keys. Source: structured-merge-diff,
/// `typed/tofieldset.go`.
final class FieldsOf {

    private final FieldSet.Builder found = new FieldSet.Builder();
    private final List<PathElement> path = new ArrayList<>();

    private FieldsOf() {}

    static FieldSet value(SchemaType type, JsonNode value) {
        var walk = new FieldsOf();
        walk.visit(type, value);
        return walk.found.build();
    }

    private void visit(SchemaType type, JsonNode value) {
        Types.Form form = Types.form(type, value);
        if (form == Types.Form.SCALAR || Types.isAtomic(type, form)) {
            found.add(path);
        } else if (value instanceof ObjectNode object) {
            fields(type, object);
        } else if (value instanceof ArrayNode list) {
            elements(type, list);
        }
    }

    private void fields(SchemaType type, ObjectNode object) {
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            JsonNode value = entry.getValue();
            path.add(new PathElement.Field(entry.getKey()));
            visit(Types.field(type, entry.getKey()), value);
            boolean isEmpty = value.isNull() || (value.isObject() && value.isEmpty());
            if (isEmpty || !Types.isNamedField(type, entry.getKey())) {
                found.add(path);
            }
            path.removeLast();
        }
    }

    private void elements(SchemaType type, ArrayNode list) {
        var seen = new TreeSet<PathElement>();
        var duplicates = new TreeSet<PathElement>();
        for (JsonNode element : list) {
            PathElement name = Types.nameOf(type, element);
            if (!seen.add(name)) {
                duplicates.add(name);
            }
        }
        for (JsonNode element : list) {
            PathElement name = Types.nameOf(type, element);
            path.add(name);
            if (!duplicates.contains(name)) {
                visit(Types.element(type), element);
            }
            found.add(path);
            path.removeLast();
        }
    }
}
