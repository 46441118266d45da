package io.insula.tenantapi.cel;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import io.insula.tenantapi.api.Json;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What a structural schema says of a value, as CEL's type checker and the cost estimate read it. Immutable.
/// Source: kubernetes/apiserver, `pkg/cel/common/schemas.go`.
///
/// @param type for the checker; objects have a name of their own
/// @param fields of an object, by their escaped names; those of which nothing is known are absent
/// @param element of a list or map, else null
/// @param maxElements the most elements, entries, characters or bytes; 0 where that means nothing
/// @param minSize the fewest bytes of JSON
record DeclType(
        CelType type,
        Map<String, DeclType> fields,
        @Nullable DeclType element,
        long maxElements,
        long minSize) {

    private static final JsonNode STRING = Json.object().put("type", "string");
    private static final Set<String> TYPE_META = Set.of("apiVersion", "kind", "metadata");

    DeclType {
        fields = Map.copyOf(fields);
    }

    /// Empty where a schema says nothing that could be checked.
    ///
    /// @param root whether the value is a whole object, with apiVersion, kind and metadata
    /// @param name of the type, where it is an object
    static Optional<DeclType> of(JsonNode schema, boolean root, String name) {
        return Optional.ofNullable(read(schema, root, name));
    }

    private static @Nullable DeclType read(JsonNode schema, boolean root, String name) {
        if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
            return simple(SimpleType.DYN, CelLimits.MAX_REQUEST_BYTES - 2, 1);
        }
        String type = root ? "object" : schema.path("type").asText("");
        return switch (type) {
            case "array" -> list(schema, name);
            case "object" ->
                schema.path("additionalProperties").isObject() ? map(schema, name) : object(schema, root, name);
            case "string" -> text(schema);
            case "boolean" -> simple(SimpleType.BOOL, 0, CelLimits.MIN_BOOL);
            case "number" -> simple(SimpleType.DOUBLE, 0, CelLimits.MIN_NUMBER);
            case "integer" -> simple(SimpleType.INT, 0, CelLimits.MIN_NUMBER);
            default -> null;
        };
    }

    static boolean isEmbedded(JsonNode schema) {
        return schema.path("x-kubernetes-embedded-resource").asBoolean();
    }

    /// Calls `sink` with every object type in this one and below.
    void eachStruct(Consumer<StructType> sink) {
        if (type instanceof StructType struct) {
            sink.accept(struct);
        }
        fields.values().forEach(field -> field.eachStruct(sink));
        if (element != null) {
            element.eachStruct(sink);
        }
    }

    private static DeclType simple(CelType type, long maxElements, long minSize) {
        return new DeclType(type, Map.of(), null, maxElements, minSize);
    }

    private static @Nullable DeclType list(JsonNode schema, String name) {
        JsonNode items = schema.path("items");
        DeclType element = read(items, isEmbedded(items), name + ".@idx");
        if (element == null) {
            return null;
        }
        long most = limit(schema, "maxItems", (CelLimits.MAX_REQUEST_BYTES - 2) / (element.minSize + 1));
        return new DeclType(ListType.create(element.type), Map.of(), element, most, 2);
    }

    private static @Nullable DeclType map(JsonNode schema, String name) {
        JsonNode values = schema.path("additionalProperties");
        DeclType element = read(values, isEmbedded(values), name + ".@elem");
        if (element == null) {
            return null;
        }
        long most = limit(schema, "maxProperties", (CelLimits.MAX_REQUEST_BYTES - 2) / (element.minSize + 6));
        return new DeclType(MapType.create(SimpleType.STRING, element.type), Map.of(), element, most, 2);
    }

    private static DeclType object(JsonNode schema, boolean root, String name) {
        Map<String, JsonNode> properties = properties(schema, root);
        Set<String> required = new HashSet<>();
        schema.path("required").forEach(r -> required.add(r.asText()));
        var fields = new LinkedHashMap<String, DeclType>();
        long minSize = 2;
        for (Map.Entry<String, JsonNode> property : properties.entrySet()) {
            String escaped = FieldNames.escape(property.getKey()).orElse("");
            DeclType type = read(property.getValue(), isEmbedded(property.getValue()), name + "." + escaped);
            if (type == null) {
                continue;
            }
            if (!escaped.isEmpty()) {
                fields.put(escaped, type);
            }
            if (required.contains(property.getKey()) && !property.getValue().has("default")) {
                minSize += property.getKey().length() + type.minSize + 4;
            }
        }
        ImmutableMap<String, CelType> types = ImmutableMap.copyOf(Maps.transformValues(fields, DeclType::type));
        StructType struct = StructType.create(name, types.keySet(), field -> Optional.ofNullable(types.get(field)));
        return new DeclType(struct, fields, null, 0, minSize);
    }

    /// The properties of an object: a whole one always has a type and a name.
    static Map<String, JsonNode> properties(JsonNode schema, boolean root) {
        var all = new LinkedHashMap<String, JsonNode>();
        schema.path("properties").properties().forEach(p -> all.put(p.getKey(), p.getValue()));
        if (root) {
            TYPE_META.forEach(name -> all.put(name, name.equals("metadata") ? metadata() : STRING));
        }
        return all;
    }

    private static JsonNode metadata() {
        var schema = Json.object().put("type", "object");
        var properties = schema.putObject("properties");
        List.of("name", "generateName").forEach(name -> properties.set(name, STRING));
        return schema;
    }

    private static DeclType text(JsonNode schema) {
        long longest = CelLimits.MAX_REQUEST_BYTES - 2;
        return switch (schema.path("format").asText("")) {
            case "byte" -> simple(SimpleType.BYTES, limit(schema, "maxLength", longest), CelLimits.MIN_STRING);
            case "duration" -> simple(SimpleType.DURATION, CelLimits.MAX_DURATION_JSON, CelLimits.MIN_DURATION_JSON);
            case "date" -> simple(SimpleType.TIMESTAMP, CelLimits.DATE_JSON, CelLimits.DATE_JSON);
            case "date-time" -> simple(SimpleType.TIMESTAMP, CelLimits.MAX_DATETIME_JSON, CelLimits.MIN_DATETIME_JSON);
            default -> simple(SimpleType.STRING, longestText(schema, longest), CelLimits.MIN_STRING);
        };
    }

    private static long longestText(JsonNode schema, long otherwise) {
        if (schema.path("maxLength").isNumber()) {
            // a schema counts characters, of up to four bytes each
            return Math.max(0, schema.path("maxLength").asLong()) * 4;
        }
        if (schema.path("enum").isEmpty()) {
            return otherwise;
        }
        long longest = 0;
        for (JsonNode value : schema.path("enum")) {
            longest = Math.max(longest, value.asText().length());
        }
        return longest;
    }

    private static long limit(JsonNode schema, String keyword, long otherwise) {
        return schema.path(keyword).isNumber()
                ? Math.max(0, schema.path(keyword).asLong())
                : otherwise;
    }
}
