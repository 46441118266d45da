package io.insula.tenantapi.controllers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.ports.ObjectClient;
import java.util.List;

/// Creates and deletes the pods of workloads, and tells their owners' Events of it.
/// Source: kubernetes, `pkg/controller/controller_utils.go`, RealPodControl.
public record PodWriter(ObjectClient client, EventRecorder events) {

    /// A pod of a `PodTemplateSpec`, owned by `owner`, without a name.
    public static ObjectNode fromTemplate(JsonNode template, JsonNode owner) {
        ObjectNode pod = Json.object().put("apiVersion", "v1").put("kind", "Pod");
        ObjectNode meta = pod.putObject("metadata").put("namespace", Meta.namespace(owner));
        for (String field : List.of("labels", "annotations", "finalizers")) {
            JsonNode value = template.path("metadata").path(field);
            if (!value.isEmpty()) {
                meta.set(field, value.deepCopy());
            }
        }
        meta.putArray("ownerReferences").add(Owners.controllerReference(owner));
        pod.set("spec", template.path("spec").deepCopy());
        return pod;
    }

    /// @throws ApiException after a `FailedCreate` Event, except where the namespace is on its way out
    public ObjectNode create(ObjectNode owner, ObjectNode pod) {
        try {
            ObjectNode created = client.create(Resources.PODS, Meta.namespace(owner), pod);
            events.normal(owner, "SuccessfulCreate", "Created pod: " + Meta.name(created));
            return created;
        } catch (ApiException e) {
            if (!namespaceIsGoing(e)) {
                events.warning(owner, "FailedCreate", "Error creating: " + e.getMessage());
            }
            throw e;
        }
    }

    /// Deletes this very pod.
    ///
    /// @return false where it was gone already
    /// @throws ApiException after a `FailedDelete` Event
    public boolean delete(ObjectNode owner, ObjectNode pod) {
        try {
            client.delete(Resources.PODS, Meta.namespace(pod), Meta.name(pod), onlyIf(pod));
            events.normal(owner, "SuccessfulDelete", "Deleted pod: " + Meta.name(pod));
            return true;
        } catch (ApiException e) {
            if (isGone(e)) {
                return false;
            }
            events.warning(owner, "FailedDelete", "Error deleting: " + e.getMessage());
            throw e;
        }
    }

    /// Delete options that spare a namesake.
    public static ObjectNode onlyIf(JsonNode object) {
        ObjectNode options = Json.object();
        options.putObject("preconditions").put("uid", Meta.uid(object));
        return options;
    }

    /// Not found, or another object under the name.
    public static boolean isGone(ApiException e) {
        return e.is("NotFound")
                || (e.is("Conflict") && String.valueOf(e.getMessage()).contains("UID in"));
    }

    public static boolean namespaceIsGoing(ApiException e) {
        for (var cause : e.status().path("details").path("causes")) {
            if (cause.path("reason").asText().equals("NamespaceTerminating")) {
                return true;
            }
        }
        return false;
    }
}
