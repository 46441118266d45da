package io.insula.tenantapi.auth.structured;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.cel.CelValues;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a token says, once its signature holds. Immutable.
record Claims(ObjectNode tree) {

    private static final long LAST_SECOND = Instant.MAX.getEpochSecond();

    boolean has(String name) {
        return tree.has(name);
    }

    /// @throws ApiException 401 when it is missing or no text
    String text(String name, String doing) {
        JsonNode value = tree.get(name);
        if (value == null) {
            throw refuse("oidc: " + doing + ": claim not present");
        }
        if (!value.isTextual()) {
            throw refuse(
                    "oidc: " + doing + ": json: cannot unmarshal " + kind(value) + " into Go value of type string");
        }
        return value.asText();
    }

    /// One text or a list of them.
    List<String> texts(String name, String doing) {
        JsonNode value = tree.path(name);
        if (value.isTextual()) {
            return List.of(value.asText());
        }
        var all = new ArrayList<String>();
        for (JsonNode each : value) {
            if (!value.isArray() || !each.isTextual()) {
                throw refuse(
                        "oidc: " + doing + ": json: cannot unmarshal " + kind(value) + " into Go value of type string");
            }
            all.add(each.asText());
        }
        if (!value.isArray()) {
            throw refuse(
                    "oidc: " + doing + ": json: cannot unmarshal " + kind(value) + " into Go value of type string");
        }
        return all;
    }

    /// A NumericDate; empty where there is none.
    Optional<Instant> time(String name) {
        JsonNode value = tree.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isNumber()) {
            throw refuse("oidc: verify token: oidc: failed to unmarshal claims: " + name + " is no number");
        }
        return Optional.of(Instant.ofEpochSecond(Math.clamp((long) value.asDouble(), 0, LAST_SECOND)));
    }

    boolean flag(String name) {
        JsonNode value = tree.path(name);
        if (!value.isBoolean()) {
            throw refuse("oidc: parse '" + name + "' claim: json: cannot unmarshal " + kind(value)
                    + " into Go value of type bool");
        }
        return value.asBoolean();
    }

    /// For expressions. Whole numbers are ints; upstream has doubles, which print and compare the same.
    Object forExpressions() {
        return CelValues.of(tree);
    }

    static ApiException refuse(String why) {
        return ApiException.of(401, "Unauthorized", why);
    }

    private static String kind(JsonNode value) {
        return value.getNodeType().name().toLowerCase(Locale.ROOT);
    }
}
