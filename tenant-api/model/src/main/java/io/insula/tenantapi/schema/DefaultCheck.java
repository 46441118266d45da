package io.insula.tenantapi.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Whether the defaults in a structural schema are values that the schema allows and keeps. Source:
/// kubernetes/apiextensions-apiserver, `schema/defaulting/validation.go`.
final class DefaultCheck {

    private final SchemaType objectMeta;
    private final List<FieldError> errors = new ArrayList<>();

    private DefaultCheck(SchemaType objectMeta) {
        this.objectMeta = objectMeta;
    }

    static List<FieldError> check(String path, JsonNode schema, SchemaType objectMeta) {
        var run = new DefaultCheck(objectMeta);
        run.visit(schema, path);
        return run.errors;
    }

    private void visit(JsonNode schema, String path) {
        if (schema.has("default")) {
            defaultOf(schema, path + ".default");
        }
        for (Map.Entry<String, JsonNode> entry : schema.path("properties").properties()) {
            visit(entry.getValue(), path + ".properties[" + entry.getKey() + "]");
        }
        for (String field : List.of("items", "additionalProperties")) {
            if (schema.path(field).isObject()) {
                visit(schema.path(field), path + "." + field);
            }
        }
    }

    private void defaultOf(JsonNode schema, String path) {
        JsonNode value = schema.get("default");
        ObjectNode holder = Json.object();
        holder.set("value", value.deepCopy());
        ObjectNode wrapped = Json.object();
        wrapped.putObject("properties").set("value", schema);
        SchemaType type = TypeReader.structural(objectMeta).use(wrapped.put("type", "object"));
        Pruning.prune(type, objectMeta, holder);
        if (!JsonValues.same(holder.path("value"), value)) {
            errors.add(FieldError.invalid(path, value, "must not have unknown fields"));
            return;
        }
        Defaulter.apply(type, holder);
        errors.addAll(ValueCheck.check(schema, holder.path("value"), path));
    }
}
