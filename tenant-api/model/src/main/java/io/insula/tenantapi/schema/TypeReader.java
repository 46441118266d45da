package io.insula.tenantapi.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.schema.SchemaType.ListType;
import io.insula.tenantapi.schema.SchemaType.Shape;
import io.insula.tenantapi.schema.SchemaType.Structure;
import io.insula.tenantapi.schema.SchemaType.Use;
import io.insula.tenantapi.wire.OmittedZeros;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Makes types from schemas: OpenAPI v2 definitions, or structural schemas of custom resources.
final class TypeReader {

    private static final String REF = "#/definitions/";
    private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    /// Types whose Go code reads and writes JSON by itself, which the description cannot say.
    private static final Map<String, Shape> SPECIAL = Map.of(
            "io.k8s.apimachinery.pkg.api.resource.Quantity",
            Shape.QUANTITY,
            "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
            Shape.INT_OR_STRING,
            META + "Time",
            Shape.TIME,
            META + "MicroTime",
            Shape.TIME,
            META + "FieldsV1",
            Shape.ANY,
            "io.k8s.apimachinery.pkg.runtime.RawExtension",
            Shape.ANY);

    /// `JSONSchemaPropsOrArray` and the like: a JSONSchemaProps, several, or something simple.
    private static final String UNION = "JSONSchemaPropsOr";

    private final Function<String, Structure> definitions;
    /// The type of `metadata` in custom resources; null for built-in kinds, which name it themselves.
    private final @Nullable SchemaType objectMeta;

    private TypeReader(Function<String, Structure> definitions, @Nullable SchemaType objectMeta) {
        this.definitions = definitions;
        this.objectMeta = objectMeta;
    }

    /// Reads built-in definitions; `definitions` resolves the names they refer to, later.
    static TypeReader builtIn(Function<String, Structure> definitions) {
        return new TypeReader(definitions, null);
    }

    /// Reads schemas of custom resources, which have no references.
    static TypeReader structural(SchemaType objectMeta) {
        return new TypeReader(
                name -> {
                    throw new IllegalStateException("structural schema refers to " + name);
                },
                objectMeta);
    }

    /// The type of whole custom resources; one that keeps all fields for a missing schema.
    SchemaType root(JsonNode schema) {
        boolean isOpen = schema.isMissingNode()
                || schema.path("x-kubernetes-preserve-unknown-fields").asBoolean();
        var structure = new Structure(
                "",
                Shape.OBJECT,
                properties(schema, true),
                null,
                ListType.ATOMIC,
                List.of(),
                false,
                Set.copyOf(strings(schema.path("required"))),
                List.of(),
                "",
                isOpen,
                true,
                Set.of());
        return new SchemaType(structure, Use.PLAIN);
    }

    /// The type of a schema at the place where it is used.
    SchemaType use(JsonNode schema) {
        String ref = schema.path("$ref").asText("");
        if (ref.isEmpty()) {
            return new SchemaType(structure("", schema), site(schema));
        }
        String name = ref.substring(REF.length());
        return new SchemaType(() -> definitions.apply(name), site(schema));
    }

    Structure structure(String name, JsonNode schema) {
        Shape shape = shape(name, schema);
        String format = name.equals(META + "MicroTime")
                ? "micro-time"
                : schema.path("format").asText("");
        if (name.contains(UNION)) {
            String props = name.substring(0, name.indexOf(UNION)) + "JSONSchemaProps";
            return Structure.union(name, new SchemaType(() -> definitions.apply(props), Use.PLAIN));
        }
        return switch (shape) {
            case STRING, INTEGER, NUMBER, BOOLEAN, INT_OR_STRING, QUANTITY, TIME, ANY ->
                Structure.scalar(name, shape, format, list(schema.path("enum")));
            case LIST, MAP, OBJECT ->
                new Structure(
                        name,
                        shape,
                        properties(
                                schema,
                                schema.path("x-kubernetes-embedded-resource").asBoolean()),
                        items(shape, schema),
                        listType(schema),
                        strings(schema.path("x-kubernetes-list-map-keys")),
                        schema.path("x-kubernetes-map-type").asText().equals("atomic"),
                        Set.copyOf(strings(schema.path("required"))),
                        list(schema.path("enum")),
                        format,
                        schema.path("x-kubernetes-preserve-unknown-fields").asBoolean(),
                        schema.path("x-kubernetes-embedded-resource").asBoolean(),
                        name.isEmpty() ? Set.of() : OmittedZeros.of(name));
        };
    }

    Use site(JsonNode schema) {
        JsonNode value = schema.get("default");
        JsonNode mapType = schema.get("x-kubernetes-map-type");
        return new Use(
                value == null || (objectMeta == null && isZero(value)) ? null : value,
                value == null || value.isContainerNode() ? null : value,
                mapType == null ? null : mapType.asText().equals("atomic"),
                schema.path("x-kubernetes-patch-merge-key").asText(""),
                strategies(schema.path("x-kubernetes-patch-strategy").asText("")),
                schema.path("nullable").asBoolean(),
                objectMeta == null && value != null && value.isObject() && value.isEmpty(),
                schema.path("description").asText(""));
    }

    /// Upstream's generator writes Go's zero value as the default of every field that is neither a pointer nor
    /// omitted when empty; only other values come from a `+default` marker.
    static boolean isZero(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> value.asText().isEmpty();
            case NUMBER -> value.asDouble() == 0;
            case BOOLEAN -> !value.asBoolean();
            default -> value.isNull() || value.isEmpty();
        };
    }

    private Shape shape(String name, JsonNode schema) {
        Shape special = SPECIAL.get(name);
        if (special != null) {
            return special;
        }
        if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
            return Shape.INT_OR_STRING;
        }
        return switch (schema.path("type").asText("")) {
            case "string" -> Shape.STRING;
            case "integer" -> Shape.INTEGER;
            case "number" -> Shape.NUMBER;
            case "boolean" -> Shape.BOOLEAN;
            case "array" -> Shape.LIST;
            case "object" -> isMap(schema) ? Shape.MAP : Shape.OBJECT;
            default -> schema.has("properties") ? Shape.OBJECT : Shape.ANY;
        };
    }

    private static boolean isMap(JsonNode schema) {
        JsonNode values = schema.path("additionalProperties");
        return !schema.has("properties") && (values.isObject() || values.asBoolean());
    }

    private Map<String, SchemaType> properties(JsonNode schema, boolean isResource) {
        var all = new LinkedHashMap<String, SchemaType>();
        schema.path("properties").properties().forEach(e -> all.put(e.getKey(), use(e.getValue())));
        if (isResource && objectMeta != null) {
            all.putIfAbsent("apiVersion", text());
            all.putIfAbsent("kind", text());
            all.put("metadata", objectMeta);
        }
        return Collections.unmodifiableMap(all);
    }

    private static SchemaType text() {
        return new SchemaType(Structure.scalar("", Shape.STRING, "", List.of()), Use.PLAIN);
    }

    private @Nullable SchemaType items(Shape shape, JsonNode schema) {
        JsonNode items = schema.path(shape == Shape.LIST ? "items" : "additionalProperties");
        return items.isObject() ? use(items) : null;
    }

    private static ListType listType(JsonNode schema) {
        return switch (schema.path("x-kubernetes-list-type").asText("")) {
            case "set" -> ListType.SET;
            case "map" -> ListType.MAP;
            default -> ListType.ATOMIC;
        };
    }

    private static Set<String> strategies(String text) {
        return text.isEmpty() ? Set.of() : Collections.unmodifiableSet(new LinkedHashSet<>(List.of(text.split(","))));
    }

    private static List<String> strings(JsonNode array) {
        var all = new ArrayList<String>();
        array.forEach(e -> all.add(e.asText()));
        return List.copyOf(all);
    }

    private static List<JsonNode> list(JsonNode array) {
        var all = new ArrayList<JsonNode>();
        array.forEach(all::add);
        return List.copyOf(all);
    }
}
