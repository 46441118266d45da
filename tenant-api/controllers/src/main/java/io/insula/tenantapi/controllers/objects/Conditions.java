package io.insula.tenantapi.controllers.objects;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/// Reads and writes `status.conditions`.
public final class Conditions {

    private Conditions() {}

    public static Optional<JsonNode> find(JsonNode object, String type) {
        for (JsonNode condition : object.path("status").path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return Optional.of(condition);
            }
        }
        return Optional.empty();
    }

    /// `True`, `False`, `Unknown`, or empty where there is no such condition.
    public static String statusOf(JsonNode object, String type) {
        return find(object, type).map(c -> c.path("status").asText()).orElse("");
    }

    public static boolean isTrue(JsonNode object, String type) {
        return statusOf(object, type).equals("True");
    }

    /// Sets a condition in a status tree. `lastTransitionTime` moves only when the status does.
    ///
    /// @return whether status, reason or message changed
    public static boolean set(
            ObjectNode status, String type, boolean value, String reason, String message, Instant now) {
        return set(status, type, value ? "True" : "False", reason, message, now);
    }

    /// As above with `True`, `False` or `Unknown`. An empty reason or message is left out.
    public static boolean set(
            ObjectNode status, String type, String value, String reason, String message, Instant now) {
        ArrayNode conditions = status.withArrayProperty("conditions");
        ObjectNode condition = null;
        for (JsonNode candidate : conditions) {
            if (candidate.path("type").asText().equals(type)) {
                condition = (ObjectNode) candidate;
            }
        }
        if (condition == null) {
            condition = conditions.addObject().put("type", type);
        } else if (same(condition, "status", value)
                && same(condition, "reason", reason)
                && same(condition, "message", message)) {
            return false;
        }
        if (!same(condition, "status", value)) {
            condition.put("lastTransitionTime", Meta.timestamp(now));
        }
        condition.put("status", value);
        putOrRemove(condition, "reason", reason);
        putOrRemove(condition, "message", message);
        return true;
    }

    /// @return whether there was one
    public static boolean remove(ObjectNode status, String type) {
        if (!(status.get("conditions") instanceof ArrayNode conditions)) {
            return false;
        }
        for (int i = 0; i < conditions.size(); i++) {
            if (conditions.get(i).path("type").asText().equals(type)) {
                conditions.remove(i);
                return true;
            }
        }
        return false;
    }

    /// An RFC 3339 time field, or empty where absent or malformed.
    public static Optional<Instant> time(JsonNode field) {
        if (!field.isTextual()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(field.asText()).toInstant());
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /// The status tree of an object, made where absent.
    public static ObjectNode status(ObjectNode object) {
        return object.get("status") instanceof ObjectNode status ? status : object.putObject("status");
    }

    /// A status patch as it goes to the `status` subresource.
    public static ObjectNode patch(JsonNode status) {
        ObjectNode patch = Json.object();
        patch.set("status", status);
        return patch;
    }

    private static boolean same(ObjectNode condition, String field, String value) {
        return condition.path(field).asText("").equals(value);
    }

    private static void putOrRemove(ObjectNode condition, String field, String value) {
        if (value.isEmpty()) {
            condition.remove(field);
        } else {
            condition.put(field, value);
        }
    }
}
