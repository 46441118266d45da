package io.insula.tenantapi.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Whether a JSONSchemaProps is a structural schema, in upstream's words. Source:
/// kubernetes/apiextensions-apiserver, `apiserver/schema/validation.go` and `apis/apiextensions/validation`.
final class SchemaCheck {

    private static final List<String> UNSUPPORTED =
            List.of("id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref");
    private static final Set<String> TYPES = Set.of("object", "array", "string", "integer", "number", "boolean");
    private static final List<String> JUNCTORS = List.of("allOf", "anyOf", "oneOf");

    private final List<FieldError> errors = new ArrayList<>();

    private SchemaCheck() {}

    static List<FieldError> check(String path, JsonNode schema) {
        var run = new SchemaCheck();
        run.structure(schema, path, "at the root");
        if (schema.has("additionalProperties")) {
            run.errors.add(FieldError.forbidden(path + ".additionalProperties", "must not be used at the root"));
        }
        String type = schema.path("type").asText("");
        if (!type.isEmpty() && !type.equals("object")) {
            run.errors.add(FieldError.invalid(path + ".type", type, "must be object at the root"));
        }
        return run.errors;
    }

    /// @param place completes "must not be empty …"
    private void structure(JsonNode schema, String path, String place) {
        type(schema, path, place);
        unsupported(schema, path);
        lists(schema, path);
        maps(schema, path);
        extensions(schema, path);
        metadata(schema, path, place.equals("at the root"));
        pattern(schema, path);
        boolean intOrString = schema.path("x-kubernetes-int-or-string").asBoolean();
        for (String junctor : JUNCTORS) {
            for (int i = 0; i < schema.path(junctor).size(); i++) {
                nested(schema.path(junctor).get(i), schema, path + "." + junctor + "[" + i + "]", intOrString);
            }
        }
        if (schema.has("not")) {
            nested(schema.path("not"), schema, path + ".not", false);
        }
        for (Map.Entry<String, JsonNode> entry : schema.path("properties").properties()) {
            structure(entry.getValue(), path + ".properties[" + entry.getKey() + "]", "for specified object fields");
        }
        if (schema.path("additionalProperties").isObject()) {
            structure(
                    schema.path("additionalProperties"), path + ".additionalProperties", "for specified object fields");
        }
        if (schema.path("items").isObject()) {
            structure(schema.path("items"), path + ".items", "for specified array items");
        }
    }

    private void type(JsonNode schema, String path, String place) {
        String type = schema.path("type").asText("");
        boolean open = schema.path("x-kubernetes-int-or-string").asBoolean()
                || schema.path("x-kubernetes-preserve-unknown-fields").asBoolean();
        if (type.isEmpty() && !open) {
            errors.add(FieldError.required(path + ".type", "must not be empty " + place));
        }
        if (!type.isEmpty() && !TYPES.contains(type)) {
            errors.add(FieldError.notSupported(
                    path + ".type", type, TYPES.stream().sorted().toList()));
        }
        if (type.equals("array") && !schema.has("items")) {
            errors.add(FieldError.required(path + ".items", "must be specified"));
        }
    }

    private void unsupported(JsonNode schema, String path) {
        for (String field : UNSUPPORTED) {
            if (schema.has(field)) {
                errors.add(FieldError.forbidden(path + "." + field, field + " is not supported"));
            }
        }
        if (schema.path("uniqueItems").asBoolean()) {
            errors.add(FieldError.forbidden(
                    path + ".uniqueItems",
                    "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
        }
    }

    private void maps(JsonNode schema, String path) {
        JsonNode additional = schema.path("additionalProperties");
        if (additional.isBoolean() && !additional.asBoolean()) {
            errors.add(FieldError.forbidden(
                    path + ".additionalProperties", "additionalProperties cannot be set to false"));
        } else if (!additional.isMissingNode() && !schema.path("properties").isEmpty()) {
            errors.add(FieldError.forbidden(
                    path + ".additionalProperties", "additionalProperties and properties are mutual exclusive"));
        }
        JsonNode mapType = schema.path("x-kubernetes-map-type");
        if (mapType.isTextual() && !Set.of("granular", "atomic").contains(mapType.asText())) {
            errors.add(FieldError.notSupported(
                    path + ".x-kubernetes-map-type", mapType.asText(), List.of("atomic", "granular")));
        }
    }

    private void lists(JsonNode schema, String path) {
        JsonNode listType = schema.path("x-kubernetes-list-type");
        JsonNode keys = schema.path("x-kubernetes-list-map-keys");
        boolean isMap = listType.asText("").equals("map");
        if (listType.isTextual()) {
            if (!Set.of("atomic", "set", "map").contains(listType.asText())) {
                errors.add(FieldError.notSupported(
                        path + ".x-kubernetes-list-type", listType.asText(), List.of("atomic", "map", "set")));
            }
            if (!schema.path("type").asText("").equals("array")) {
                errors.add(FieldError.invalid(
                        path + ".type",
                        schema.path("type").asText(""),
                        "must be array if x-kubernetes-list-type is specified"));
            }
        }
        if (!isMap && !keys.isEmpty()) {
            errors.add(FieldError.required(
                    path + ".x-kubernetes-list-type", "must be map if x-kubernetes-list-map-keys is non-empty"));
        }
        if (isMap) {
            mapKeys(schema, keys, path);
        }
    }

    private void mapKeys(JsonNode schema, JsonNode keys, String path) {
        String at = path + ".x-kubernetes-list-map-keys";
        if (keys.isEmpty()) {
            errors.add(FieldError.required(at, "must not be empty if x-kubernetes-list-type is map"));
        }
        JsonNode items = schema.path("items");
        var required = new ArrayList<String>();
        items.path("required").forEach(r -> required.add(r.asText()));
        for (JsonNode key : keys) {
            JsonNode property = items.path("properties").path(key.asText());
            String field = path + ".items.properties[" + key.asText() + "]";
            if (property.isMissingNode()) {
                errors.add(FieldError.invalid(at, keys, "entries must all be names of item properties"));
            } else if (!property.has("default") && !required.contains(key.asText())) {
                errors.add(FieldError.required(
                        field + ".default",
                        "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required"
                                + " property"));
            } else if (property.path("nullable").asBoolean()) {
                errors.add(FieldError.forbidden(
                        field + ".nullable",
                        "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"));
            }
        }
    }

    private void extensions(JsonNode schema, String path) {
        boolean intOrString = schema.path("x-kubernetes-int-or-string").asBoolean();
        boolean preserves = schema.path("x-kubernetes-preserve-unknown-fields").asBoolean();
        boolean embedded = schema.path("x-kubernetes-embedded-resource").asBoolean();
        if (intOrString && preserves) {
            errors.add(FieldError.invalid(
                    path + ".x-kubernetes-preserve-unknown-fields",
                    true,
                    "must be false if x-kubernetes-int-or-string is true"));
        }
        if (intOrString && embedded) {
            errors.add(FieldError.invalid(
                    path + ".x-kubernetes-embedded-resource",
                    true,
                    "must be false if x-kubernetes-int-or-string is true"));
        }
        if (embedded && !schema.path("type").asText("").equals("object")) {
            errors.add(FieldError.required(path + ".type", "must be object if x-kubernetes-embedded-resource is true"));
        }
        if (embedded && !preserves && schema.path("properties").isEmpty()) {
            errors.add(FieldError.required(
                    path + ".properties",
                    "must not be empty if x-kubernetes-embedded-resource is true without"
                            + " x-kubernetes-preserve-unknown-fields"));
        }
    }

    private void metadata(JsonNode schema, String path, boolean isRoot) {
        if (!isRoot && !schema.path("x-kubernetes-embedded-resource").asBoolean()) {
            return;
        }
        JsonNode properties = schema.path("properties");
        for (String name : List.of("apiVersion", "kind")) {
            String type = properties.path(name).path("type").asText("");
            if (properties.has(name) && !type.equals("string")) {
                errors.add(FieldError.invalid(path + ".properties[" + name + "].type", type, "must be string"));
            }
        }
        if (!(properties.path("metadata") instanceof ObjectNode metadata)) {
            return;
        }
        String type = metadata.path("type").asText("");
        if (!type.equals("object")) {
            errors.add(FieldError.invalid(path + ".properties[metadata].type", type, "must be object"));
        }
        var rest = metadata.path("properties").isObject()
                ? ((ObjectNode) metadata.path("properties")).deepCopy().without(List.of("name", "generateName"))
                : null;
        if (isRoot && rest != null && !rest.isEmpty()) {
            errors.add(FieldError.forbidden(
                    path + ".properties[metadata]",
                    "must not specify anything other than name and generateName, but metadata is implicitly"
                            + " specified"));
        }
    }

    private void pattern(JsonNode schema, String path) {
        String pattern = schema.path("pattern").asText("");
        String error = pattern.isEmpty() ? "" : TextCheck.patternError(pattern);
        if (!error.isEmpty()) {
            errors.add(FieldError.invalid(
                    path + ".pattern", pattern, "must be a valid regular expression, but isn't: " + error));
        }
    }

    /// A schema below a junctor: it may restrict values, but say nothing of structure that `outer` does not.
    private void nested(JsonNode schema, JsonNode outer, String path, boolean mayHaveType) {
        if (schema.has("type") && !mayHaveType) {
            errors.add(FieldError.forbidden(path + ".type", "must be empty to be structural"));
        }
        for (String field : List.of("additionalProperties", "default", "x-kubernetes-list-type")) {
            if (schema.has(field)) {
                errors.add(FieldError.forbidden(path + "." + field, "must be undefined to be structural"));
            }
        }
        for (String field : List.of("title", "description", "x-kubernetes-list-map-keys")) {
            if (!schema.path(field).asText("").isEmpty() || !schema.path(field).isEmpty()) {
                errors.add(FieldError.forbidden(path + "." + field, "must be empty to be structural"));
            }
        }
        for (String field :
                List.of("nullable", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource")) {
            if (schema.path(field).asBoolean()) {
                errors.add(FieldError.forbidden(path + "." + field, "must be false to be structural"));
            }
        }
        pattern(schema, path);
        nestedProperties(schema, outer, path);
        if (schema.path("items").isObject()) {
            nested(schema.path("items"), outer.path("items"), path + ".items", false);
        }
        for (String junctor : JUNCTORS) {
            for (int i = 0; i < schema.path(junctor).size(); i++) {
                nested(schema.path(junctor).get(i), outer, path + "." + junctor + "[" + i + "]", mayHaveType);
            }
        }
    }

    private void nestedProperties(JsonNode schema, JsonNode outer, String path) {
        for (Map.Entry<String, JsonNode> entry : schema.path("properties").properties()) {
            String name = entry.getKey();
            String at = path + ".properties[" + name + "]";
            if (name.equals("metadata")) {
                errors.add(FieldError.forbidden(at, "must not be specified in a nested context"));
            }
            JsonNode known = outer.path("properties").path(name);
            if (known.isMissingNode()) {
                String junctor = path.replaceFirst("\\.(allOf|anyOf|oneOf|not)[\\[.]?.*", "");
                errors.add(
                        FieldError.required(junctor + ".properties[" + name + "]", "because it is defined in " + at));
            }
            nested(entry.getValue(), known, at, false);
        }
    }
}
