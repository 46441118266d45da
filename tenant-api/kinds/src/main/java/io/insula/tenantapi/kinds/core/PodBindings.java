package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.registry.SubresourceRequest;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import java.time.Instant;

/// Gives a pod its node. Source: kubernetes `pkg/registry/core/pod/storage`, `BindingREST.assignPod`.
final class PodBindings {

    private static final GroupVersionResource PODS = new GroupVersionResource("", "v1", "pods");

    private PodBindings() {}

    /// @return the `Status` Success that upstream answers
    static ObjectNode bind(SubresourceRequest request) {
        JsonNode target = request.body().path("target");
        String kind = target.path("kind").asText("");
        String node = target.path("name").asText("");
        if (!kind.isEmpty() && !kind.equals("Node")) {
            throw ApiException.badRequest(
                    "target.kind: Unsupported value: \"" + kind + "\": supported values: \"Node\"");
        }
        if (node.isEmpty()) {
            throw ApiException.badRequest("target.name: Required value");
        }
        // upstream writes past its field managers: where a pod is, is nobody's wish
        request.store()
                .note(pod -> assign(pod, request.body(), node, request.context().now()));
        return Json.object()
                .put("kind", "Status")
                .put("apiVersion", "v1")
                .put("status", "Success")
                .put("code", 201);
    }

    static ObjectNode assign(ObjectNode pod, JsonNode binding, String node, Instant now) {
        String name = Meta.name(pod);
        String uid = Meta.uid(binding);
        if (!uid.isEmpty() && !uid.equals(Meta.uid(pod))) {
            throw ApiException.conflict(
                    PODS,
                    name,
                    "Precondition failed: UID in precondition: " + uid + ", UID in object meta: " + Meta.uid(pod));
        }
        if (Meta.isBeingDeleted(pod)) {
            throw ApiException.conflict(PODS, name, "pod " + name + " is being deleted, cannot be assigned to a host");
        }
        String bound = PodView.of(pod).nodeName();
        if (!bound.isEmpty()) {
            throw ApiException.conflict(PODS, name, "pod " + name + " is already assigned to node \"" + bound + "\"");
        }
        if (PodView.of(pod).spec().isGated()) {
            throw ApiException.conflict(PODS, name, "pod " + name + " has non-empty .spec.schedulingGates");
        }
        Fields.object(pod, "spec").put("nodeName", node);
        Meta.annotations(binding).forEach(Fields.object(Meta.of(pod), "annotations")::put);
        if (pod.path("metadata").path("annotations").isEmpty()) {
            Meta.of(pod).remove("annotations");
        }
        scheduled(pod, now);
        return pod;
    }

    private static void scheduled(ObjectNode pod, Instant now) {
        ObjectNode status = Fields.object(pod, "status");
        ArrayNode conditions = status.withArrayProperty(Condition.LIST);
        ObjectNode condition = Fields.find(conditions, "type", "PodScheduled") instanceof ObjectNode there
                ? there
                : conditions.addObject();
        condition.removeAll();
        condition
                .put("type", "PodScheduled")
                .put("status", "True")
                .putNull("lastProbeTime")
                .put("lastTransitionTime", Meta.timestamp(now));
    }
}
