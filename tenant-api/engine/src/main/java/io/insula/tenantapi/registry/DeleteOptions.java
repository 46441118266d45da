package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import java.util.ArrayList;
import java.util.List;

/// How to delete.
///
/// @param graceSeconds -1 where the client says nothing
/// @param propagation `Orphan`, `Background`, `Foreground`, or empty
/// @param uid a precondition; empty for none
/// @param resourceVersion a precondition; empty for none
public record DeleteOptions(long graceSeconds, String propagation, String uid, String resourceVersion, boolean dryRun) {

    public static final DeleteOptions DEFAULT = new DeleteOptions(-1, "", "", "", false);

    private static final GroupVersionKind KIND = new GroupVersionKind("meta.k8s.io", "v1", "DeleteOptions");
    private static final List<String> POLICIES = List.of("Foreground", "Background", "Orphan");

    /// Reads a `DeleteOptions` tree; an empty tree means the defaults.
    ///
    /// @throws ApiException 422 for values that contradict each other or are unknown
    public static DeleteOptions of(ObjectNode tree) {
        var errors = new ArrayList<FieldError>();
        String policy = tree.path("propagationPolicy").asText("");
        JsonNode orphan = tree.path("orphanDependents");
        if (orphan.isBoolean() && !policy.isEmpty()) {
            errors.add(FieldError.invalid(
                    "propagationPolicy", policy, "orphanDependents and deletionPropagation cannot be both set"));
        } else if (!policy.isEmpty() && !POLICIES.contains(policy)) {
            errors.add(FieldError.notSupported("propagationPolicy", policy, POLICIES));
        }
        boolean dryRun = isDryRun(tree.path("dryRun"), errors);
        if (!errors.isEmpty()) {
            throw ApiException.invalid(KIND, "", errors);
        }
        String asked = orphan.isBoolean() ? (orphan.asBoolean() ? "Orphan" : "Background") : policy;
        JsonNode grace = tree.path("gracePeriodSeconds");
        // a negative period means one second. Source: kubernetes/apiserver, `rest.BeforeDelete`
        long seconds = !grace.isNumber() ? -1 : grace.asLong() < 0 ? 1 : grace.asLong();
        JsonNode preconditions = tree.path("preconditions");
        return new DeleteOptions(
                seconds,
                asked,
                preconditions.path("uid").asText(""),
                preconditions.path("resourceVersion").asText(""),
                dryRun);
    }

    public ObjectNode toTree() {
        ObjectNode tree = Json.object();
        if (graceSeconds >= 0) {
            tree.put("gracePeriodSeconds", graceSeconds);
        }
        if (!propagation.isEmpty()) {
            tree.put("propagationPolicy", propagation);
        }
        if (dryRun) {
            tree.putArray("dryRun").add("All");
        }
        return tree;
    }

    DeleteOptions dry() {
        return new DeleteOptions(graceSeconds, propagation, uid, resourceVersion, true);
    }

    /// Collection deletes check preconditions of no single object.
    DeleteOptions withoutPreconditions() {
        return new DeleteOptions(graceSeconds, propagation, "", "", dryRun);
    }

    private static boolean isDryRun(JsonNode values, List<FieldError> errors) {
        for (JsonNode value : values) {
            if (!value.asText().equals("All")) {
                errors.add(FieldError.notSupported("dryRun", value.asText(), List.of("All")));
            }
        }
        return !values.isEmpty();
    }
}
