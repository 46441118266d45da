package io.insula.tenantapi.view;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/// One entry of `status.conditions`. A condition that is not there has an empty status.
/// Source: Kubernetes API conventions, "Typical status properties".
public record Condition(JsonNode tree) {

    /// The list's name in a status, for whoever writes it.
    public static final String LIST = "conditions";

    public static final String TRUE = "True";
    public static final String FALSE = "False";
    public static final String UNKNOWN = "Unknown";

    /// The object's condition of that type.
    public static Condition of(JsonNode object, String type) {
        return in(object.path("status"), type);
    }

    /// The same of a status tree.
    public static Condition in(JsonNode status, String type) {
        for (JsonNode condition : listIn(status)) {
            if (condition.path("type").asText().equals(type)) {
                return new Condition(condition);
            }
        }
        return new Condition(MissingNode.getInstance());
    }

    /// All conditions of an object, as they are; missing where it has none.
    public static JsonNode listOf(JsonNode object) {
        return listIn(object.path("status"));
    }

    /// The same of a status tree.
    public static JsonNode listIn(JsonNode status) {
        return status.path(LIST);
    }

    /// Whether the object's condition of that type is `True`.
    public static boolean isTrue(JsonNode object, String type) {
        return of(object, type).isTrue();
    }

    /// Whether there is such a condition at all.
    public boolean exists() {
        return tree.isObject();
    }

    public String type() {
        return tree.path("type").asText("");
    }

    /// `True`, `False`, `Unknown`, or empty where there is no such condition.
    public String status() {
        return tree.path("status").asText("");
    }

    public boolean isTrue() {
        return status().equals(TRUE);
    }

    public boolean isFalse() {
        return status().equals(FALSE);
    }

    public String reason() {
        return tree.path("reason").asText("");
    }

    public String message() {
        return tree.path("message").asText("");
    }

    /// When the status last changed.
    public Optional<Instant> since() {
        return Meta.time(tree.path("lastTransitionTime"));
    }

    /// Changes the tree below, for whoever owns it; nothing where there is no such condition.
    public void edit(Consumer<ObjectNode> change) {
        if (tree instanceof ObjectNode object) {
            change.accept(object);
        }
    }

    /// Sets a condition in a status tree. `lastTransitionTime` moves only when the status does.
    ///
    /// @return whether status, reason or message changed
    public static boolean set(
            ObjectNode status, String type, boolean value, String reason, String message, Instant now) {
        return set(status, type, value ? TRUE : FALSE, reason, message, now);
    }

    /// As above with `True`, `False` or `Unknown`. An empty reason or message is left out.
    public static boolean set(
            ObjectNode status, String type, String value, String reason, String message, Instant now) {
        Condition known = in(status, type);
        if (known.exists()
                && known.status().equals(value)
                && known.reason().equals(reason)
                && known.message().equals(message)) {
            return false;
        }
        ObjectNode condition = known.tree instanceof ObjectNode there
                ? there
                : status.withArrayProperty(LIST).addObject().put("type", type);
        if (!known.status().equals(value)) {
            condition.put("lastTransitionTime", Meta.timestamp(now));
        }
        condition.put("status", value);
        putOrRemove(condition, "reason", reason);
        putOrRemove(condition, "message", message);
        return true;
    }

    /// @return whether there was one
    public static boolean remove(ObjectNode status, String type) {
        if (!(status.get(LIST) instanceof ArrayNode conditions)) {
            return false;
        }
        for (int i = 0; i < conditions.size(); i++) {
            if (new Condition(conditions.get(i)).type().equals(type)) {
                conditions.remove(i);
                return true;
            }
        }
        return false;
    }

    private static void putOrRemove(ObjectNode condition, String field, String value) {
        if (value.isEmpty()) {
            condition.remove(field);
        } else {
            condition.put(field, value);
        }
    }
}
