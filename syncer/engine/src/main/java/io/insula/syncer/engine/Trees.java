package io.insula.syncer.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Quantity;

/// Objects as JSON trees, and whether one already says what another wants.
public final class Trees {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Trees() {}

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    public static JsonNode of(Object value) {
        return MAPPER.valueToTree(value);
    }

    public static <T> T as(JsonNode tree, Class<T> type) {
        return MAPPER.convertValue(tree, type);
    }

    static ObjectNode ofObject(HasMetadata object) {
        return MAPPER.valueToTree(object);
    }

    /// Whether `current` has every field of `wanted` with the same value. Lists are compared element by
    /// element, as defaulting adds fields to elements, not elements to lists.
    public static boolean contains(JsonNode current, JsonNode wanted) {
        if (wanted.isObject()) {
            for (var field : wanted.properties()) {
                var value = field.getValue();
                boolean empty = value.isNull() || (value.isContainerNode() && value.isEmpty());
                if (!empty && !contains(current.path(field.getKey()), value)) {
                    return false;
                }
            }
            return true;
        }
        if (wanted.isArray()) {
            if (current.size() != wanted.size()) {
                return false;
            }
            for (int i = 0; i < wanted.size(); i++) {
                if (!contains(current.get(i), wanted.get(i))) {
                    return false;
                }
            }
            return true;
        }
        return current.equals(wanted) || current.asText().equals(wanted.asText()) || sameAmount(current, wanted);
    }

    private static boolean sameAmount(JsonNode current, JsonNode wanted) {
        try {
            return !current.asText().isEmpty()
                    && Character.isDigit(current.asText().charAt(0))
                    && new Quantity(current.asText()).equals(new Quantity(wanted.asText()));
        } catch (IllegalArgumentException | ArithmeticException e) {
            return false;
        }
    }
}
