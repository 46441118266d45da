package io.insula.tenantapi.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.schema.ApiSchema;
import java.util.List;

/// The v3 document of one group version: self-contained schemas and paths. Confined to one build.
final class V3Document {

    private final ApiSchema schema;
    private final List<KindSpec> kinds;
    private final List<CustomSchema> custom;
    private final SchemaSet schemas;

    V3Document(ApiSchema schema, List<KindSpec> kinds, List<CustomSchema> custom) {
        this.schema = schema;
        this.kinds = kinds;
        this.custom = custom;
        this.schemas = new SchemaSet(schema);
    }

    ObjectNode build() {
        kinds.forEach(schemas::add);
        CustomDefinitions.REFERRED.forEach(schemas::require);
        custom.forEach(c -> {
            CustomDefinitions.referred(c).forEach(schemas::add);
            CustomDefinitions.add(schemas, c, true);
        });
        ObjectNode document = Json.object().put("openapi", "3.0.0");
        document.putObject("info").put("title", "Kubernetes").put("version", "v1.34.0");
        ObjectNode paths = document.putObject("paths");
        paths.setAll(new Paths(true, false, this::definition).of(kinds));
        paths.setAll(new Paths(true, true, this::definition)
                .of(custom.stream().map(CustomSchema::spec).toList()));
        ObjectNode all = schemas.tree();
        all.forEach(V3Document::convert);
        document.putObject("components").set("schemas", all);
        return document;
    }

    private String definition(GroupVersionKind kind) {
        boolean isCustom = custom.stream()
                .anyMatch(c -> c.spec().kind().equals(kind)
                        || c.spec()
                                .kind()
                                .withKind(c.spec().kind().kind() + "List")
                                .equals(kind));
        if (isCustom) {
            return SchemaSet.customName(kind);
        }
        return schema.definitionName(kind)
                .or(() -> schema.definitionName(new GroupVersionKind("", "v1", kind.kind())))
                .orElse("");
    }

    /// v2 → v3 in place: references move, those with siblings are wrapped, unions get their alternatives.
    private static void convert(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.forEach(V3Document::convert);
            reference(object);
            alternatives(object);
        } else if (node instanceof ArrayNode array) {
            array.forEach(V3Document::convert);
        }
    }

    private static void reference(ObjectNode object) {
        if (!object.path("$ref").isTextual() || !object.path("$ref").asText().startsWith("#/definitions/")) {
            return;
        }
        String moved = "#/components/schemas/" + object.path("$ref").asText().substring("#/definitions/".length());
        if (object.size() == 1) {
            object.put("$ref", moved);
        } else {
            object.remove("$ref");
            object.putArray("allOf").addObject().put("$ref", moved);
        }
    }

    private static void alternatives(ObjectNode object) {
        if (object.path("format").asText().equals("int-or-string")
                && object.path("type").asText().equals("string")) {
            object.remove("type");
            ArrayNode either = object.putArray("oneOf");
            either.addObject().put("type", "integer");
            either.addObject().put("type", "string");
        }
    }
}
