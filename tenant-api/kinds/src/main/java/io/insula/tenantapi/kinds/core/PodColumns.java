package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What `kubectl get pods` shows.
final class PodColumns {

    static final List<Column> ALL = List.of(
            Printers.NAME,
            Column.of("Ready", (o, now) -> PodSummary.of(o).ready()),
            Column.of("Status", (o, now) -> PodSummary.of(o).status()),
            Column.of("Restarts", (o, now) -> restarts(PodSummary.of(o), now)),
            Printers.AGE,
            Column.of("IP", (o, now) -> ip(o)).wide(),
            Column.of("Node", (o, now) -> Printers.orElse(PodView.of(o).nodeName(), Printers.NONE))
                    .wide(),
            Column.of("Nominated Node", (o, now) -> orNone(o.path("status").path("nominatedNodeName")))
                    .wide(),
            Column.of("Readiness Gates", (o, now) -> gates(o)).wide());

    private PodColumns() {}

    /// A pod that has ended says so of its row. Source: kubernetes, `pkg/printers/internalversion` (printPod).
    static List<ObjectNode> conditions(JsonNode pod) {
        return PodView.of(pod).isTerminal()
                ? List.of(Json.object()
                        .put("type", "Completed")
                        .put("status", "True")
                        .put("reason", PodView.of(pod).phase())
                        .put("message", "The pod has completed its lifecycle"))
                : List.of();
    }

    private static String restarts(PodSummary summary, Instant now) {
        String count = Long.toString(summary.restarts());
        return summary.restarts() > 0 && !summary.lastRestart().isEmpty()
                ? count + " (" + Printers.age(summary.lastRestart(), now) + " ago)"
                : count;
    }

    private static String ip(JsonNode pod) {
        String first = pod.path("status").path("podIPs").path(0).path("ip").asText("");
        return Printers.orElse(
                first.isEmpty() ? pod.path("status").path("podIP").asText("") : first, Printers.NONE);
    }

    private static String orNone(JsonNode text) {
        return Printers.orElse(text.asText(""), Printers.NONE);
    }

    private static String gates(JsonNode pod) {
        var types = new ArrayList<String>();
        pod.path("spec")
                .path("readinessGates")
                .forEach(g -> types.add(g.path("conditionType").asText()));
        long met = types.stream().filter(t -> Condition.isTrue(pod, t)).count();
        return types.isEmpty() ? Printers.NONE : met + "/" + types.size();
    }
}
