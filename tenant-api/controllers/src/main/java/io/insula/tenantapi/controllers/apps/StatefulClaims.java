package io.insula.tenantapi.controllers.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.EventRecorder;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.MergePatches;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.WorkloadView;
import java.util.Optional;

/// The volume claims of a stateful set's pods: made before the pod, kept or left to the garbage collector as the
/// retention policy says. Source: kubernetes, `pkg/controller/statefulset/stateful_pod_control.go`.
final class StatefulClaims {

    private final ObjectClient client;
    private final EventRecorder events;
    private final Store claims;

    StatefulClaims(ObjectClient client, EventRecorder events, Store claims) {
        this.client = client;
        this.events = events;
        this.claims = claims;
    }

    /// Makes the claims that are missing for an ordinal.
    void create(ObjectNode set, int ordinal) {
        for (JsonNode template : set.path("spec").path("volumeClaimTemplates")) {
            Key key = key(set, template, ordinal);
            if (claims.get(key).isEmpty()) {
                create(set, template, key, ordinal);
            }
        }
    }

    /// Whether a claim still belongs to an earlier pod of this name, with which it is going to be collected: a new pod
    /// must not start on it.
    boolean isStale(ObjectNode set, int ordinal, String podUid) {
        for (JsonNode template : set.path("spec").path("volumeClaimTemplates")) {
            Optional<ObjectNode> claim = claims.get(key(set, template, ordinal));
            if (claim.isPresent() && hasOtherPodOwner(claim.get(), StatefulPods.name(set, ordinal), podUid)) {
                return true;
            }
        }
        return false;
    }

    /// Writes the owners that the retention policy asks for.
    ///
    /// @param condemned whether the pod is beyond the wanted replicas
    void retain(ObjectNode set, ObjectNode pod, int ordinal, boolean condemned) {
        boolean deleteWithSet = policy(set, "whenDeleted");
        boolean deleteWithPod = policy(set, "whenScaled") && condemned;
        for (JsonNode template : set.path("spec").path("volumeClaimTemplates")) {
            claims.get(key(set, template, ordinal))
                    .ifPresent(claim -> retain(set, pod, claim, deleteWithSet && !deleteWithPod, deleteWithPod));
        }
    }

    private static boolean policy(ObjectNode set, String when) {
        return set.path("spec")
                .path("persistentVolumeClaimRetentionPolicy")
                .path(when)
                .asText("Retain")
                .equals("Delete");
    }

    private void retain(ObjectNode set, ObjectNode pod, ObjectNode claim, boolean setOwns, boolean podOwns) {
        ArrayNode wanted = Json.MAPPER.createArrayNode();
        for (JsonNode owner : claim.path("metadata").path("ownerReferences")) {
            if (isOurs(owner, "StatefulSet", set) || isOurs(owner, "Pod", pod)) {
                continue;
            }
            if (owner.path("controller").asBoolean()) {
                return; // somebody else's to keep or delete
            }
            wanted.add(owner.deepCopy());
        }
        if (setOwns) {
            wanted.add(Owners.controllerReference(set));
        }
        if (podOwns) {
            wanted.add(Owners.controllerReference(pod));
        }
        JsonNode present = claim.path("metadata").path("ownerReferences");
        if (wanted.equals(present) || (wanted.isEmpty() && present.isEmpty())) {
            return;
        }
        ObjectNode patch = MergePatches.asRead(claim);
        Meta.of(patch).set("ownerReferences", wanted);
        client.mergePatch(Resources.PERSISTENT_VOLUME_CLAIMS, Meta.namespace(claim), Meta.name(claim), "", patch);
    }

    private static boolean isOurs(JsonNode owner, String kind, JsonNode object) {
        return owner.path("kind").asText().equals(kind)
                && owner.path("name").asText().equals(Meta.name(object));
    }

    private static boolean hasOtherPodOwner(JsonNode claim, String podName, String podUid) {
        for (JsonNode owner : claim.path("metadata").path("ownerReferences")) {
            if (owner.path("kind").asText().equals("Pod")
                    && owner.path("name").asText().equals(podName)
                    && !owner.path("uid").asText().equals(podUid)) {
                return true;
            }
        }
        return false;
    }

    private void create(ObjectNode set, JsonNode template, Key key, int ordinal) {
        ObjectNode claim = Json.object().put("apiVersion", "v1").put("kind", "PersistentVolumeClaim");
        ObjectNode meta = claim.putObject("metadata").put("name", key.name()).put("namespace", key.namespace());
        ObjectNode labels =
                template.path("metadata").path("labels") instanceof ObjectNode own ? own.deepCopy() : Json.object();
        WorkloadView.of(set)
                .selector()
                .path("matchLabels")
                .properties()
                .forEach(e -> labels.set(e.getKey(), e.getValue()));
        if (!labels.isEmpty()) {
            meta.set("labels", labels);
        }
        if (template.path("metadata").has("annotations")) {
            meta.set(
                    "annotations", template.path("metadata").path("annotations").deepCopy());
        }
        claim.set("spec", template.path("spec").deepCopy());
        String pod = StatefulPods.name(set, ordinal);
        try {
            client.create(Resources.PERSISTENT_VOLUME_CLAIMS, key.namespace(), claim);
            events.normal(
                    set,
                    "SuccessfulCreate",
                    "create Claim " + key.name() + " Pod " + pod + " in StatefulSet " + Meta.name(set) + " success");
        } catch (ApiException e) {
            if (e.is("AlreadyExists")) {
                return;
            }
            events.warning(
                    set,
                    "FailedCreate",
                    "create Claim " + key.name() + " for Pod " + pod + " in StatefulSet " + Meta.name(set)
                            + " failed error: " + e.getMessage());
            throw e;
        }
    }

    private static Key key(JsonNode set, JsonNode template, int ordinal) {
        return new Key(Meta.namespace(set), StatefulPods.claimName(set, template, ordinal));
    }
}
