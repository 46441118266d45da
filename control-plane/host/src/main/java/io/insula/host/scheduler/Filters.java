package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.ClusterImage.NodeLoad;
import io.insula.host.scheduler.ClusterImage.Placed;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.Nodes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Says why a node cannot take a pod, in upstream's words; an empty list means it can. Pure.
/// Source: kubernetes, `pkg/scheduler/framework/plugins`.
final class Filters {

    static final String INSUFFICIENT = "Insufficient ";
    static final String TOO_MANY = "Too many pods";
    static final String PORTS = "node(s) didn't have free ports for the requested pod ports";

    private Filters() {}

    /// @param self the pod, on no node yet: what is read of it once, not anew for every node
    /// @param running what is on this node
    static List<String> reasonsAgainst(ObjectNode pod, Placed self, ObjectNode node, NodeLoad running) {
        Optional<String> first = unschedulable(pod, node)
                .or(() -> taint(pod, node))
                .or(() -> notReady(node))
                .or(() -> selector(pod, node))
                .or(() -> ports(self, running));
        return first.isPresent() ? List.of(first.get()) : resources(self, node, running);
    }

    /// Whether a node lacks what the pod asks for even without all other pods.
    static boolean isTooSmall(Placed self, ObjectNode node) {
        Amounts allocatable = allocatable(node);
        Amounts wanted = self.request();
        return wanted.positive().stream().anyMatch(name -> wanted.get(name).compareTo(allocatable.get(name)) > 0);
    }

    private static Amounts allocatable(ObjectNode node) {
        return Amounts.of(node.path("status").path("allocatable"));
    }

    private static Optional<String> unschedulable(ObjectNode pod, ObjectNode node) {
        ObjectNode taint = Json.object().put("key", WellKnownKeys.UNSCHEDULABLE).put("effect", "NoSchedule");
        return node.path("spec").path("unschedulable").asBoolean() && !Nodes.tolerates(pod, taint)
                ? Optional.of("node(s) were unschedulable")
                : Optional.empty();
    }

    private static Optional<String> notReady(ObjectNode node) {
        return Condition.isTrue(node, "Ready") ? Optional.empty() : Optional.of("node(s) were not ready");
    }

    private static Optional<String> taint(ObjectNode pod, ObjectNode node) {
        return Nodes.untolerated(pod, node)
                .findFirst()
                .map(taint ->
                        "node(s) had untolerated taint {" + taint.path("key").asText() + ": "
                                + taint.path("value").asText("") + "}");
    }

    private static Optional<String> selector(ObjectNode pod, ObjectNode node) {
        return Nodes.areSelected(pod.path("spec"), node)
                ? Optional.empty()
                : Optional.of("node(s) didn't match Pod's node affinity/selector");
    }

    private static Optional<String> ports(Placed self, NodeLoad running) {
        for (String port : self.hostPorts()) {
            for (Placed other : running.pods()) {
                if (other.hostPorts().stream().anyMatch(taken -> collide(port, taken))) {
                    return Optional.of(PORTS);
                }
            }
        }
        return Optional.empty();
    }

    private static boolean collide(String one, String other) {
        if (one.equals(other)) {
            return true;
        }
        String anyOne = one.replaceFirst("/[^/]*/", "/0.0.0.0/");
        String anyOther = other.replaceFirst("/[^/]*/", "/0.0.0.0/");
        return anyOne.equals(anyOther) && (one.equals(anyOne) || other.equals(anyOther));
    }

    private static List<String> resources(Placed self, ObjectNode node, NodeLoad running) {
        var reasons = new ArrayList<String>();
        Amounts allocatable = allocatable(node);
        if (running.pods().size() + 1 > allocatable.get("pods").longValue()) {
            reasons.add(TOO_MANY);
        }
        Amounts wanted = self.request();
        for (String name : wanted.positive()) {
            if (running.used().get(name).plus(wanted.get(name)).compareTo(allocatable.get(name)) > 0) {
                reasons.add(INSUFFICIENT + name);
            }
        }
        return reasons;
    }
}
