package io.insula.tenantapi.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.client.ObjectClient.ResourceInfo;
import io.insula.tenantapi.registry.WriteContext;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Defaults and status of a definition. Source: apiextensions-apiserver, `controller/status/naming_controller.go`.
final class DefinitionStatus {

    static final String FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

    private DefinitionStatus() {}

    static void applyDefaults(ObjectNode object) {
        ObjectNode spec = object.withObjectProperty("spec");
        ObjectNode names = spec.withObjectProperty("names");
        String kind = names.path("kind").asText("");
        if (names.path("singular").asText("").isEmpty()) {
            names.put("singular", kind.toLowerCase(Locale.ROOT));
        }
        if (names.path("listKind").asText("").isEmpty() && !kind.isEmpty()) {
            names.put("listKind", kind + "List");
        }
        if (!spec.path("conversion").isObject()) {
            spec.putObject("conversion").put("strategy", "None");
        }
    }

    /// Accepts the names unless another resource of the group has them, establishes, and notes the storage version.
    static void write(ObjectNode object, WriteContext context) {
        String now = Meta.timestamp(context.now());
        ObjectNode status = object.withObjectProperty("status");
        String clash = clash(object, context);
        JsonNode names = object.path("spec").path("names");
        if (clash.isEmpty()) {
            status.set("acceptedNames", names.deepCopy());
            condition(status, "NamesAccepted", true, "NoConflicts", "no conflicts found", now);
            condition(status, "Established", true, "InitialNamesAccepted", "the initial names have been accepted", now);
        } else {
            status.withObjectProperty("acceptedNames").put("plural", "").put("kind", "");
            condition(status, "NamesAccepted", false, "PluralConflict", clash, now);
            if (!isEstablished(object)) {
                condition(status, "Established", false, "NotAccepted", "not all names are accepted", now);
            }
        }
        ArrayNode stored = status.withArrayProperty("storedVersions");
        String version = storageVersion(object);
        for (JsonNode known : stored) {
            if (known.asText().equals(version)) {
                return;
            }
        }
        stored.add(version);
    }

    static boolean isEstablished(JsonNode object) {
        for (JsonNode condition : object.path("status").path("conditions")) {
            if (condition.path("type").asText().equals("Established")) {
                return condition.path("status").asText().equals("True");
            }
        }
        return false;
    }

    static String storageVersion(JsonNode object) {
        for (JsonNode version : object.path("spec").path("versions")) {
            if (version.path("storage").asBoolean()) {
                return version.path("name").asText();
            }
        }
        return "";
    }

    private static String clash(JsonNode object, WriteContext context) {
        JsonNode spec = object.path("spec");
        String group = spec.path("group").asText();
        String plural = spec.path("names").path("plural").asText();
        String kind = spec.path("names").path("kind").asText();
        List<ResourceInfo> others = context.client().resources();
        for (ResourceInfo other : others) {
            boolean sameGroup = other.resource().group().equals(group);
            boolean sameResource = other.resource().resource().equals(plural);
            if (sameGroup && !sameResource && other.kind().equals(kind)) {
                return "\"" + kind + "\" is already in use";
            }
        }
        return "";
    }

    private static void condition(
            ObjectNode status, String type, boolean value, String reason, String message, String now) {
        ArrayNode conditions = status.withArrayProperty("conditions");
        String text = value ? "True" : "False";
        @Nullable ObjectNode found = null;
        for (JsonNode condition : conditions) {
            if (condition.path("type").asText().equals(type)) {
                found = (ObjectNode) condition;
            }
        }
        ObjectNode condition = found == null ? conditions.addObject().put("type", type) : found;
        if (!condition.path("status").asText().equals(text)) {
            condition.put("lastTransitionTime", now);
        }
        condition.put("status", text).put("reason", reason).put("message", message);
    }
}
