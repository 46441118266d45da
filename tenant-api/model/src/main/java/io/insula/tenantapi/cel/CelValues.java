package io.insula.tenantapi.cel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import io.insula.tenantapi.cel.library.FrozenList;
import io.insula.tenantapi.cel.library.FrozenMap;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// JSON as values of CEL: longs, doubles, texts, booleans, lists, maps and [NullValue]. Source:
/// kubernetes/apiserver, `pkg/cel/common/valuesunstructured.go`.
public final class CelValues {

    private static final Pattern DURATION_PART = Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");
    private static final Map<String, Double> NANOS =
            Map.of("ns", 1d, "us", 1e3, "µs", 1e3, "μs", 1e3, "ms", 1e6, "s", 1e9, "m", 60e9, "h", 3600e9);

    private CelValues() {}

    /// Without schema: field names stay as they are.
    public static Object of(JsonNode value) {
        return of(value, MissingNode.getInstance(), false);
    }

    /// By a structural schema: field names of objects are escaped, texts of some formats become times or bytes, lists
    /// of type set and map equal others in any order.
    ///
    /// @param root whether the value is a whole object
    static Object of(JsonNode value, JsonNode schema, boolean root) {
        return switch (value) {
            case ObjectNode object -> map(object, schema, root);
            case ArrayNode array -> list(array, schema);
            default -> scalar(value, schema);
        };
    }

    private static Object map(ObjectNode object, JsonNode schema, boolean root) {
        JsonNode values = schema.path("additionalProperties");
        Map<String, JsonNode> properties = root || schema.path("properties").isObject()
                ? DeclType.properties(schema, root || DeclType.isEmbedded(schema))
                : Map.of();
        var map = HashMap.<String, Object>newHashMap(object.size());
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            JsonNode known = properties.get(field.getKey());
            if (known == null) {
                map.put(field.getKey(), of(field.getValue(), values, DeclType.isEmbedded(values)));
            } else {
                String name = FieldNames.escape(field.getKey()).orElse(field.getKey());
                map.put(name, of(field.getValue(), known, DeclType.isEmbedded(known)));
            }
        }
        return new FrozenMap(map);
    }

    private static Object list(ArrayNode array, JsonNode schema) {
        JsonNode items = schema.path("items");
        var list = new ArrayList<Object>(array.size());
        array.forEach(element -> list.add(of(element, items, DeclType.isEmbedded(items))));
        return switch (schema.path("x-kubernetes-list-type").asText("")) {
            case "set" -> FrozenList.unordered(list, List.of());
            case "map" -> {
                var keys = new ArrayList<String>();
                schema.path("x-kubernetes-list-map-keys")
                        .forEach(k -> keys.add(FieldNames.escape(k.asText()).orElse(k.asText())));
                yield FrozenList.unordered(list, keys);
            }
            default -> FrozenList.ordered(list);
        };
    }

    private static Object scalar(JsonNode value, JsonNode schema) {
        return switch (value.getNodeType()) {
            case STRING -> text(value.asText(), schema);
            case BOOLEAN -> value.asBoolean();
            case NUMBER -> {
                boolean floating = schema.path("type").asText("").equals("number");
                yield value.isIntegralNumber() && !floating ? (Object) value.asLong() : (Object) value.asDouble();
            }
            default -> NullValue.NULL_VALUE;
        };
    }

    private static Object text(String text, JsonNode schema) {
        if (!schema.path("type").asText("").equals("string")) {
            return text;
        }
        try {
            return switch (schema.path("format").asText("")) {
                case "byte" -> CelByteString.of(Base64.getDecoder().decode(text));
                case "duration" -> duration(text);
                case "date" ->
                    LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
                case "date-time" -> dateTime(text);
                default -> text;
            };
        } catch (DateTimeException | IllegalArgumentException _) {
            // the schema's own validation refuses it; rules see what they are given
            return text;
        }
    }

    private static Instant dateTime(String text) {
        return OffsetDateTime.parse(text.replace('t', 'T').replace('z', 'Z')).toInstant();
    }

    private static Duration duration(String text) {
        boolean negative = text.startsWith("-");
        String rest = negative || text.startsWith("+") ? text.substring(1) : text;
        if (rest.equals("0")) {
            return Duration.ZERO;
        }
        Matcher part = DURATION_PART.matcher(rest);
        double nanos = 0;
        int end = 0;
        while (end < rest.length() && part.find(end) && part.start() == end) {
            nanos += Double.parseDouble(part.group(1)) * NANOS.getOrDefault(part.group(2), 0d);
            end = part.end();
        }
        if (end != rest.length() || end == 0) {
            throw new IllegalArgumentException("duration: " + text);
        }
        return Duration.ofNanos((long) (negative ? -nanos : nanos));
    }
}
