package io.insula.tenantapi.openapi;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.registry.Subresource;
import java.util.List;
import java.util.stream.StreamSupport;

/// The definitions of custom kinds: their structural schema with metadata, and their list.
/// Source: apiextensions-apiserver, `pkg/controller/openapi/builder`.
final class CustomDefinitions {

    private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private static final String OBJECT_META = META + "ObjectMeta";
    private static final String LIST_META = META + "ListMeta";

    /// Whose fields that are common to all objects, and to all lists, are told.
    private static final String OBJECT = "io.k8s.api.core.v1.ConfigMap";

    private static final String LIST = "io.k8s.api.core.v1.ConfigMapList";

    /// The definitions that those of any custom kind, and its paths, refer to.
    static final List<String> REFERRED =
            List.of(OBJECT_META, LIST_META, META + "DeleteOptions", META + "Status", META + "Patch");

    private static final String OPEN = "x-kubernetes-preserve-unknown-fields";
    private static final String EMBEDDED = "x-kubernetes-embedded-resource";

    private CustomDefinitions() {}

    /// The kinds of subresources that are built in.
    static List<GroupVersionKind> referred(CustomSchema custom) {
        return custom.spec().subresources().stream()
                .map(Subresource::kind)
                .filter(kind -> !kind.equals(custom.spec().kind()))
                .toList();
    }

    static void add(SchemaSet schemas, CustomSchema custom, boolean v3) {
        GroupVersionKind kind = custom.spec().kind();
        schemas.put(SchemaSet.customName(kind), object(schemas.fieldsOf(OBJECT), custom.schema(), v3), kind);
        GroupVersionKind listKind = kind.withKind(kind.kind() + "List");
        schemas.put(SchemaSet.customName(listKind), list(schemas.fieldsOf(LIST), kind), listKind);
    }

    /// Where anything may be said, nothing is published: kubectl would take what is for all there may be.
    private static ObjectNode object(ObjectNode common, ObjectNode declared, boolean v3) {
        if (declared.isEmpty() || (!v3 && declared.path(OPEN).asBoolean())) {
            return Json.object().put("type", "object");
        }
        ObjectNode schema = declared.deepCopy();
        if (!v3) {
            V2Schemas.reduce(schema);
        }
        embedded(common, schema, v3);
        describe(common, schema.withObjectProperty("properties"));
        return schema;
    }

    /// Objects within objects have the fields of every object.
    private static void embedded(ObjectNode common, ObjectNode schema, boolean v3) {
        V2Schemas.children(schema).forEach(child -> embedded(common, child, v3));
        if (!schema.path(EMBEDDED).asBoolean() || (!v3 && schema.path(OPEN).asBoolean())) {
            return;
        }
        describe(common, schema.withObjectProperty("properties"));
        ArrayNode required = schema.withArrayProperty("required");
        for (String name : List.of("kind", "apiVersion")) {
            if (StreamSupport.stream(required.spliterator(), false)
                    .noneMatch(r -> r.asText().equals(name))) {
                required.add(name);
            }
        }
    }

    private static ObjectNode list(ObjectNode common, GroupVersionKind kind) {
        ObjectNode list = Json.object().put("description", kind.kind() + "List is a list of " + kind.kind());
        list.put("type", "object").putArray("required").add("items");
        ObjectNode properties = list.putObject("properties");
        describe(common, properties);
        properties
                .putObject("items")
                .put("description", "The " + kind.kind() + " objects.")
                .put("type", "array")
                .set("items", reference(SchemaSet.customName(kind)));
        return list;
    }

    /// What every object or list has is told as of the built-in ones.
    private static void describe(ObjectNode common, ObjectNode properties) {
        for (String field : List.of("apiVersion", "kind", "metadata")) {
            properties.set(field, common.path(field).deepCopy());
        }
    }

    private static ObjectNode reference(String name) {
        return Json.object().put("$ref", "#/definitions/" + name);
    }
}
