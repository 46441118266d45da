package io.insula.tenantapi.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.view.Condition;
import java.time.Instant;
import java.util.Locale;

/// Defaults and status of a definition. Source: apiextensions-apiserver, `controller/status/naming_controller.go`.
final class DefinitionStatus {

    static final String FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

    private static final String APPROVAL = "api-approved.kubernetes.io";

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

    /// Accepts the names that no other definition or built-in resource of the group has, establishes when all are
    /// accepted, and notes the storage version.
    static void write(ObjectNode object, WriteContext context) {
        Instant now = context.now();
        ObjectNode status = object.withObjectProperty("status");
        NameClaims.Verdict names = NameClaims.of(object, context.client());
        status.set("acceptedNames", names.accepted());
        Condition.set(status, "NamesAccepted", names.isAccepted(), names.reason(), names.message(), now);
        if (names.isAccepted()) {
            Condition.set(
                    status, "Established", true, "InitialNamesAccepted", "the initial names have been accepted", now);
        } else if (!isEstablished(object)) {
            Condition.set(status, "Established", false, "NotAccepted", "not all names are accepted", now);
        }
        approval(object, status, now);
        ArrayNode stored = status.withArrayProperty("storedVersions");
        String version = storageVersion(object);
        for (JsonNode known : stored) {
            if (known.asText().equals(version)) {
                return;
            }
        }
        stored.add(version);
    }

    /// Groups of Kubernetes' own need an approval to be named. Source: apiextensions-apiserver,
    /// `apis/apiextensions/apihelpers` (GetAPIApprovalState).
    private static void approval(ObjectNode object, ObjectNode status, Instant now) {
        String group = object.path("spec").path("group").asText();
        if (!group.endsWith(".k8s.io") && !group.endsWith(".kubernetes.io")) {
            return;
        }
        String annotation = Meta.annotations(object).getOrDefault(APPROVAL, "");
        String type = "KubernetesAPIApprovalPolicyConformant";
        if (annotation.startsWith("unapproved")) {
            String text = "not approved: \"" + annotation + "\"";
            Condition.set(status, type, false, "UnapprovedAnnotation", text, now);
        } else if (annotation.startsWith("https://") || annotation.startsWith("http://")) {
            Condition.set(status, type, true, "ApprovedAnnotation", "approved in " + annotation, now);
        } else {
            String text = "protected groups must have approval annotation \"" + APPROVAL + "\" with either a URL or a"
                    + " reason starting with \"unapproved\", see https://github.com/kubernetes/enhancements/pull/1111";
            Condition.set(status, type, false, "InvalidAnnotation", text, now);
        }
    }

    /// Tells that the objects of a deleted definition are being removed.
    static void terminating(ObjectNode object, Instant now) {
        Condition.set(
                object.withObjectProperty("status"),
                "Terminating",
                true,
                "InstanceDeletionInProgress",
                "CustomResource deletion is in progress",
                now);
    }

    static boolean isEstablished(JsonNode object) {
        return Condition.isTrue(object, "Established");
    }

    static String storageVersion(JsonNode object) {
        for (JsonNode version : object.path("spec").path("versions")) {
            if (version.path("storage").asBoolean()) {
                return version.path("name").asText();
            }
        }
        return "";
    }
}
