package io.insula.tenantapi.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import java.util.Set;

/// The definitions of custom kinds: their structural schema with metadata, and their list.
/// Source: apiextensions-apiserver, `pkg/controller/openapi/builder`.
final class CustomDefinitions {

    private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    /// What a Swagger 2.0 schema cannot say.
    private static final Set<String> V3_ONLY = Set.of("oneOf", "anyOf", "not", "nullable");

    private CustomDefinitions() {}

    static void add(SchemaSet schemas, CustomSchema custom, boolean v3) {
        schemas.require(META + "ObjectMeta");
        schemas.require(META + "ListMeta");
        schemas.require(META + "DeleteOptions");
        schemas.require(META + "Status");
        GroupVersionKind kind = custom.spec().kind();
        ObjectNode schema = custom.schema().deepCopy();
        if (!v3) {
            reduce(schema);
        }
        boolean open = schema.path("x-kubernetes-preserve-unknown-fields").asBoolean();
        if (!open || v3) {
            ObjectNode properties = schema.withObjectProperty("properties");
            properties.putObject("apiVersion").put("type", "string").put("description", "APIVersion of the object.");
            properties.putObject("kind").put("type", "string").put("description", "Kind of the object.");
            properties.set("metadata", reference(META + "ObjectMeta"));
        }
        schemas.put(SchemaSet.customName(kind), schema, kind);
        GroupVersionKind listKind = kind.withKind(kind.kind() + "List");
        schemas.put(SchemaSet.customName(listKind), list(kind), listKind);
    }

    private static ObjectNode list(GroupVersionKind kind) {
        ObjectNode list = Json.object().put("description", kind.kind() + "List is a list of " + kind.kind());
        list.put("type", "object").putArray("required").add("items");
        ObjectNode properties = list.putObject("properties");
        properties.putObject("apiVersion").put("type", "string");
        properties.putObject("kind").put("type", "string");
        properties.set("metadata", reference(META + "ListMeta"));
        properties.putObject("items").put("type", "array").set("items", reference(SchemaSet.customName(kind)));
        return list;
    }

    private static ObjectNode reference(String name) {
        return Json.object().put("$ref", "#/definitions/" + name);
    }

    private static void reduce(JsonNode node) {
        if (node instanceof ObjectNode object) {
            if (object.path("nullable").asBoolean()
                    || object.path("x-kubernetes-int-or-string").asBoolean()) {
                object.remove("type");
            }
            if (object.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
                object.remove("properties");
            }
            object.remove(V3_ONLY);
        }
        node.forEach(CustomDefinitions::reduce);
    }
}
