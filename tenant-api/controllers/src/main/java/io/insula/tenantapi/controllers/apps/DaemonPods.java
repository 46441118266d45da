package io.insula.tenantapi.controllers.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.view.Nodes;
import io.insula.tenantapi.view.PodView;
import io.insula.tenantapi.view.WorkloadView;
import java.util.List;

/// The pods of a daemon set: which nodes get one, and what it looks like there. Pure.
/// Source: kubernetes, `pkg/controller/daemon/util/daemonset_util.go`.
final class DaemonPods {

    static final String HASH = "controller-revision-hash";
    private static final String GENERATION = "pod-template-generation";
    private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";

    private DaemonPods() {}

    /// @param run whether a pod should be started on the node
    /// @param stay whether one that is there may stay
    record Verdict(boolean run, boolean stay) {}

    static Verdict verdict(ObjectNode set, ObjectNode node) {
        ObjectNode pod = podOn(set, "", Meta.name(node));
        String fixed = WorkloadView.of(set).podSpec().nodeName();
        if ((!fixed.isEmpty() && !fixed.equals(Meta.name(node))) || !Nodes.areSelected(pod.path("spec"), node)) {
            return new Verdict(false, false);
        }
        List<JsonNode> against = Nodes.untolerated(pod, node).toList();
        return new Verdict(
                against.isEmpty(),
                against.stream()
                        .noneMatch(taint -> taint.path("effect").asText().equals("NoExecute")));
    }

    /// The node that a pod runs on or is made for; empty where neither is said.
    static String node(JsonNode pod) {
        String bound = PodView.of(pod).nodeName();
        if (!bound.isEmpty()) {
            return bound;
        }
        JsonNode terms = pod.path("spec")
                .path("affinity")
                .path("nodeAffinity")
                .path(REQUIRED)
                .path("nodeSelectorTerms");
        for (JsonNode term : terms) {
            for (JsonNode field : term.path("matchFields")) {
                if (field.path("key").asText().equals("metadata.name")
                        && field.path("operator").asText().equals("In")) {
                    return field.path("values").path(0).asText("");
                }
            }
        }
        return "";
    }

    /// @param hash of the revision, empty where it does not matter
    static ObjectNode podOn(ObjectNode set, String hash, String node) {
        ObjectNode pod = PodWriter.fromTemplate(WorkloadView.of(set).template(), set);
        ObjectNode meta = Meta.of(pod).put("generateName", Meta.name(set) + "-");
        ObjectNode labels = meta.withObjectProperty("labels");
        String generation = Meta.annotations(set).getOrDefault("deprecated.daemonset.template.generation", "");
        if (!generation.isEmpty()) {
            labels.put(GENERATION, generation);
        }
        if (!hash.isEmpty()) {
            labels.put(HASH, hash);
        }
        ObjectNode spec = pod.withObjectProperty("spec");
        pin(spec, node);
        tolerate(spec);
        return pod;
    }

    static String hash(JsonNode object) {
        return Meta.labels(object).getOrDefault(HASH, "");
    }

    /// Replaces whatever the terms say of node names: this pod is for this node.
    private static void pin(ObjectNode spec, String node) {
        ObjectNode required = spec.withObjectProperty("affinity")
                .withObjectProperty("nodeAffinity")
                .withObjectProperty(REQUIRED);
        ArrayNode terms = required.withArrayProperty("nodeSelectorTerms");
        if (terms.isEmpty()) {
            terms.addObject();
        }
        for (JsonNode term : terms) {
            ((ObjectNode) term)
                    .putArray("matchFields")
                    .addObject()
                    .put("key", "metadata.name")
                    .put("operator", "In")
                    .putArray("values")
                    .add(node);
        }
    }

    /// A node in trouble keeps its daemons: they may be what repairs it.
    private static void tolerate(ObjectNode spec) {
        ArrayNode tolerations = spec.withArrayProperty("tolerations");
        add(tolerations, "not-ready", "NoExecute");
        add(tolerations, "unreachable", "NoExecute");
        for (String key : new String[] {"disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"}) {
            add(tolerations, key, "NoSchedule");
        }
        if (spec.path("hostNetwork").asBoolean()) {
            add(tolerations, "network-unavailable", "NoSchedule");
        }
    }

    private static void add(ArrayNode tolerations, String key, String effect) {
        ObjectNode wanted = Json.object()
                .put("key", WellKnownKeys.NODE_PREFIX + key)
                .put("operator", "Exists")
                .put("effect", effect);
        for (JsonNode there : tolerations) {
            if (there.equals(wanted)) {
                return;
            }
        }
        tolerations.add(wanted);
    }
}
