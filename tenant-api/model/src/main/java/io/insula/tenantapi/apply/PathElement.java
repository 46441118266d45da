package io.insula.tenantapi.apply;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.schema.JsonValues;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// One step of a path: a field, an element of a list by its keys or by its value, or an index. Ordered as upstream
/// orders them in `fieldsV1`. [#toString] is the form of messages (`.spec`, `[name="a"]`), [#format] the form of
/// `fieldsV1`.
public sealed interface PathElement extends Comparable<PathElement> {

    record Field(String name) implements PathElement {
        @Override
        public String format() {
            return "f:" + name;
        }

        @Override
        public String toString() {
            return "." + name;
        }
    }

    /// @param fields by name, sorted; scalars only
    record Key(List<Map.Entry<String, JsonNode>> fields) implements PathElement {
        public Key {
            fields = fields.size() == 1 ? List.of(normal(fields.getFirst())) : sorted(fields);
        }

        private static List<Map.Entry<String, JsonNode>> sorted(List<Map.Entry<String, JsonNode>> fields) {
            return fields.stream()
                    .map(Key::normal)
                    .sorted(Map.Entry.comparingByKey())
                    .toList();
        }

        private static Map.Entry<String, JsonNode> normal(Map.Entry<String, JsonNode> field) {
            return Map.entry(field.getKey(), PathElement.normal(field.getValue()));
        }

        @Override
        public String format() {
            ObjectNode object = Json.object();
            fields.forEach(f -> object.set(f.getKey(), f.getValue()));
            return "k:" + object;
        }

        @Override
        public String toString() {
            return fields.stream().map(f -> f.getKey() + "=" + f.getValue()).collect(Collectors.joining(",", "[", "]"));
        }
    }

    /// An element of a set.
    record Value(JsonNode value) implements PathElement {
        public Value {
            value = normal(value);
        }

        @Override
        public String format() {
            return "v:" + value;
        }

        @Override
        public String toString() {
            return "[=" + value + "]";
        }
    }

    record Index(int index) implements PathElement {
        @Override
        public String format() {
            return "i:" + index;
        }

        @Override
        public String toString() {
            return "[" + index + "]";
        }
    }

    /// As a key of `fieldsV1`, e.g. `f:spec`, `k:{"name":"a"}`.
    String format();

    /// Reads what [#format] writes; empty for a type of element that only a later release knows.
    ///
    /// @throws IllegalArgumentException when the text is malformed
    static Optional<PathElement> parse(String text) {
        if (text.length() < 2 || text.charAt(1) != ':') {
            throw new IllegalArgumentException("missing colon: " + text);
        }
        String rest = text.substring(2);
        return switch (text.charAt(0)) {
            case 'f' -> Optional.of(new Field(rest));
            case 'k' -> Optional.of(new Key(parseKeys(rest)));
            case 'v' -> Optional.of(new Value(json(rest)));
            case 'i' -> Optional.of(new Index(Integer.parseInt(rest)));
            default -> Optional.empty();
        };
    }

    private static List<Map.Entry<String, JsonNode>> parseKeys(String text) {
        if (json(text) instanceof ObjectNode object) {
            return List.copyOf(object.properties());
        }
        throw new IllegalArgumentException("not an object: " + text);
    }

    private static JsonNode json(String text) {
        try {
            return Json.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + text, e);
        }
    }

    /// Whole numbers of one class, so that equality is by value: `2.0` is 2.
    private static JsonNode normal(JsonNode value) {
        boolean isWhole = value.isNumber()
                && value.canConvertToLong()
                && value.decimalValue().stripTrailingZeros().scale() <= 0;
        return isWhole ? JsonNodeFactory.instance.numberNode(value.longValue()) : value;
    }

    @Override
    default int compareTo(PathElement other) {
        return switch (this) {
            case Field(String name) when other instanceof Field(String otherName) -> name.compareTo(otherName);
            case Key key when other instanceof Key otherKey -> compare(key.fields(), otherKey.fields());
            case Value value
            when other instanceof Value otherValue -> JsonValues.compareScalars(value.value(), otherValue.value());
            case Index(int index) when other instanceof Index(int otherIndex) -> Integer.compare(index, otherIndex);
            default -> Integer.compare(rank(this), rank(other));
        };
    }

    private static int rank(PathElement element) {
        return switch (element) {
            case Field _ -> 0;
            case Key _ -> 1;
            case Value _ -> 2;
            case Index _ -> 3;
        };
    }

    private static int compare(List<Map.Entry<String, JsonNode>> a, List<Map.Entry<String, JsonNode>> b) {
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            int result = a.get(i).getKey().compareTo(b.get(i).getKey());
            if (result == 0) {
                result = JsonValues.compareScalars(a.get(i).getValue(), b.get(i).getValue());
            }
            if (result != 0) {
                return result;
            }
        }
        return Integer.compare(a.size(), b.size());
    }
}
