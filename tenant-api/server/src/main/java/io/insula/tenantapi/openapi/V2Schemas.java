package io.insula.tenantapi.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Takes out of a structural schema what Swagger 2.0 cannot say, and what kubectl cannot read in it.
/// Source: apiextensions-apiserver, `pkg/controller/openapi/v2/conversion.go`.
final class V2Schemas {

    private static final String OPEN = "x-kubernetes-preserve-unknown-fields";
    private static final Set<String> V3_ONLY = Set.of("allOf", "oneOf", "anyOf", "not", "nullable");

    private V2Schemas() {}

    /// The schemas directly within a structural schema.
    static List<ObjectNode> children(ObjectNode schema) {
        var children = new ArrayList<ObjectNode>();
        schema.path("properties").forEach(property -> add(children, property));
        add(children, schema.path("items"));
        add(children, schema.path("additionalProperties"));
        return children;
    }

    static void reduce(ObjectNode schema) {
        boolean nullable = schema.path("nullable").asBoolean();
        boolean open = schema.path(OPEN).asBoolean();
        if (nullable || open) {
            schema.remove(List.of("items", "properties"));
        }
        requireNoNulls(schema);
        boolean shapeless = schema.path("type").asText().equals("array") && !schema.has("items");
        if (nullable
                || open
                || shapeless
                || schema.path("x-kubernetes-int-or-string").asBoolean()) {
            schema.remove("type");
        }
        schema.remove(V3_ONLY);
        children(schema).forEach(V2Schemas::reduce);
    }

    /// What may be null counts as missing when it is.
    private static void requireNoNulls(ObjectNode schema) {
        if (!(schema.get("required") instanceof ArrayNode required)) {
            return;
        }
        JsonNode properties = schema.path("properties");
        for (int i = required.size() - 1; i >= 0; i--) {
            if (properties.path(required.path(i).asText()).path("nullable").asBoolean()) {
                required.remove(i);
            }
        }
        if (required.isEmpty() || schema.at("/additionalProperties/nullable").asBoolean()) {
            schema.remove("required");
        }
    }

    private static void add(List<ObjectNode> children, JsonNode node) {
        if (node instanceof ObjectNode schema) {
            children.add(schema);
        }
    }
}
