package io.insula.tenantapi.controllers.objects;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.Condition;
import java.time.Instant;
import java.util.Optional;

/// Reads and writes `status` and its conditions; see [Condition].
public final class Conditions {

    private Conditions() {}

    public static Optional<JsonNode> find(JsonNode object, String type) {
        return Optional.of(Condition.of(object, type)).filter(Condition::exists).map(Condition::tree);
    }

    public static boolean isTrue(JsonNode object, String type) {
        return Condition.isTrue(object, type);
    }

    public static boolean set(
            ObjectNode status, String type, boolean value, String reason, String message, Instant now) {
        return Condition.set(status, type, value, reason, message, now);
    }

    /// An RFC 3339 time field, or empty where absent or malformed.
    public static Optional<Instant> time(JsonNode field) {
        return Meta.time(field);
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
}
