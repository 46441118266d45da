package io.insula.tenantapi.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Map;

/// Equality and order of JSON values by meaning: Jackson's own tells `1` as an int from `1` as a long.
public final class JsonValues {

    private JsonValues() {}

    /// Whether both mean the same: numbers by value, objects whatever the order of their fields.
    public static boolean same(JsonNode a, JsonNode b) {
        return switch (a) {
            case ObjectNode object -> b instanceof ObjectNode other && sameFields(object, other);
            case ArrayNode array -> b instanceof ArrayNode other && sameElements(array, other);
            default -> (a.isNumber() && b.isNumber()) ? sameNumber(a, b) : a.equals(b);
        };
    }

    private static boolean sameFields(ObjectNode a, ObjectNode b) {
        if (a.size() != b.size()) {
            return false;
        }
        for (Map.Entry<String, JsonNode> field : a.properties()) {
            JsonNode other = b.get(field.getKey());
            if (other == null || !same(field.getValue(), other)) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameElements(ArrayNode a, ArrayNode b) {
        if (a.size() != b.size()) {
            return false;
        }
        for (int i = 0; i < a.size(); i++) {
            if (!same(a.get(i), b.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameNumber(JsonNode a, JsonNode b) {
        if (a.canConvertToLong() && b.canConvertToLong() && a.isIntegralNumber() && b.isIntegralNumber()) {
            return a.longValue() == b.longValue();
        }
        return number(a).compareTo(number(b)) == 0;
    }

    /// An order of scalars: numbers before texts before booleans before null, else by value.
    public static int compareScalars(JsonNode a, JsonNode b) {
        int byRank = Integer.compare(rank(a), rank(b));
        if (byRank != 0) {
            return byRank;
        }
        return switch (rank(a)) {
            case 0 -> number(a).compareTo(number(b));
            case 1 -> a.asText().compareTo(b.asText());
            case 2 -> Boolean.compare(a.asBoolean(), b.asBoolean());
            default -> 0;
        };
    }

    private static int rank(JsonNode value) {
        return switch (value.getNodeType()) {
            case NUMBER -> 0;
            case STRING -> 1;
            case BOOLEAN -> 2;
            case NULL -> 3;
            default -> 4;
        };
    }

    private static BigDecimal number(JsonNode value) {
        return value.decimalValue();
    }
}
