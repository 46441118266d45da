package io.insula.controlplane.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A JSON object of which every field is known and has its type: one that is misspelt, given twice, null or of another
/// type is refused by name, for what is not understood must not become a default. Immutable.
final class StrictBody {

    private static final int SHOWN = 80;

    private final ObjectNode tree;

    private StrictBody(ObjectNode tree) {
        this.tree = tree;
    }

    /// @param fields all that there may be
    /// @throws AdminException 400 for what is not such an object
    static StrictBody parse(byte[] bytes, Set<String> fields) {
        if (bytes.length == 0) {
            throw AdminException.badRequest("body: empty (expected: a JSON object)");
        }
        JsonNode tree = read(bytes);
        return within("body", tree, fields);
    }

    /// A part of a body, by the same rules.
    ///
    /// @param what it is, for whoever is refused
    static StrictBody within(String what, JsonNode tree, Set<String> fields) {
        if (!(tree instanceof ObjectNode object)) {
            throw AdminException.badRequest(what + ": " + shown(tree) + " (expected: a JSON object)");
        }
        for (var field : object.properties()) {
            if (!fields.contains(field.getKey())) {
                throw AdminException.badRequest("unknown field \"" + cut(field.getKey()) + "\" (expected: "
                        + String.join(", ", fields.stream().sorted().toList()) + ")");
            }
        }
        return new StrictBody(object);
    }

    boolean isEmpty() {
        return tree.isEmpty();
    }

    boolean has(String field) {
        return tree.has(field);
    }

    /// @throws AdminException 400 where it is missing or no string
    String requireText(String field) {
        return text(field).orElseThrow(() -> AdminException.badRequest(field + ": missing (expected: a string)"));
    }

    /// A whole object, whose own fields somebody else judges.
    ///
    /// @throws AdminException 400 where it is missing or no object
    ObjectNode requireObject(String field) {
        if (!(tree.path(field) instanceof ObjectNode object)) {
            throw AdminException.badRequest(
                    field + ": " + (tree.has(field) ? shown(tree.path(field)) : "missing") + " (expected: an object)");
        }
        return object;
    }

    Optional<String> text(String field) {
        return value(field).map(value -> text(field, value));
    }

    /// Empty where it is missing: ask [#has].
    List<String> texts(String field) {
        var all = new ArrayList<String>();
        value(field).ifPresent(value -> {
            if (!value.isArray()) {
                throw wrong(field, value, "an array of strings");
            }
            for (int i = 0; i < value.size(); i++) {
                String text = text(field + "[" + i + "]", value.get(i));
                if (all.contains(text)) {
                    throw AdminException.badRequest(field + "[" + i + "]: \"" + cut(text) + "\" is there twice");
                }
                all.add(text);
            }
        });
        return all;
    }

    /// Empty where it is missing.
    ///
    /// @param removable whether a null stands for a value that is to go; it comes as an empty Optional
    Map<String, Optional<String>> map(String field, boolean removable) {
        var all = new LinkedHashMap<String, Optional<String>>();
        value(field).ifPresent(value -> {
            if (!value.isObject()) {
                throw wrong(field, value, "an object of strings");
            }
            for (var entry : value.properties()) {
                boolean goes = removable && entry.getValue().isNull();
                all.put(
                        entry.getKey(),
                        goes
                                ? Optional.empty()
                                : Optional.of(text(field + "." + cut(entry.getKey()), entry.getValue())));
            }
        });
        return all;
    }

    /// A list of what somebody else judges; empty where it is missing.
    Optional<ArrayNode> list(String field) {
        return value(field).map(value -> {
            if (!(value instanceof ArrayNode list)) {
                throw wrong(field, value, "an array");
            }
            return list;
        });
    }

    /// A whole number; one with a fraction, or beyond 64 bits, is none.
    Optional<Long> number(String field) {
        return value(field).map(value -> {
            if (!value.isIntegralNumber() || !value.canConvertToLong()) {
                throw wrong(field, value, "a whole number");
            }
            return value.asLong();
        });
    }

    Optional<Boolean> flag(String field) {
        return value(field).map(value -> {
            if (!value.isBoolean()) {
                throw wrong(field, value, "true or false");
            }
            return value.asBoolean();
        });
    }

    private Optional<JsonNode> value(String field) {
        return Optional.ofNullable(tree.get(field));
    }

    private static String text(String field, JsonNode value) {
        if (!value.isTextual()) {
            throw wrong(field, value, "a string");
        }
        return value.asText();
    }

    private static JsonNode read(byte[] bytes) {
        try {
            return Json.MAPPER
                    .reader()
                    .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .readTree(bytes);
        } catch (JsonProcessingException e) {
            throw AdminException.badRequest("body: not JSON: " + cut(String.valueOf(e.getOriginalMessage())));
        } catch (IOException e) {
            throw AdminException.badRequest("body: not JSON");
        }
    }

    private static AdminException wrong(String field, JsonNode value, String expected) {
        return AdminException.badRequest(field + ": " + shown(value) + " (expected: " + expected + ")");
    }

    private static String shown(JsonNode value) {
        return cut(value.isMissingNode() ? "nothing" : value.toString());
    }

    private static String cut(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
