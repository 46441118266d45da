package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What is placed on which node. Kept by pod events; a pod that was just bound is in it at once.
/// Thread-safe: guarded by its monitor; what it hands out are copies.
final class ClusterImage {

    private final Map<String, Placed> byUid = new HashMap<>();

    /// @param hostPorts as `protocol/ip/port`
    record Placed(
            String node,
            Amounts request,
            List<String> hostPorts,
            String namespace,
            Map<String, String> labels,
            String controllerUid) {

        static Placed of(ObjectNode pod, String node) {
            String controller =
                    Owners.controllerOf(pod).map(o -> o.path("uid").asText()).orElse("");
            return new Placed(
                    node,
                    PodView.of(pod).heldRequests(),
                    ports(pod),
                    Meta.namespace(pod),
                    Meta.labels(pod),
                    controller);
        }

        static List<String> ports(JsonNode pod) {
            var all = new ArrayList<String>();
            for (ContainerView container : PodView.of(pod).spec().containers(Kind.ORDINARY)) {
                for (JsonNode port : container.ports()) {
                    if (port.path("hostPort").asInt() > 0) {
                        String ip = port.path("hostIP").asText("");
                        all.add(port.path("protocol").asText("TCP") + "/" + (ip.isEmpty() ? "0.0.0.0" : ip) + "/"
                                + port.path("hostPort").asInt());
                    }
                }
            }
            return all;
        }
    }

    /// A pod as it is now.
    synchronized void observe(ObjectNode pod) {
        if (PodView.of(pod).isTerminal()) {
            byUid.remove(Meta.uid(pod));
        } else if (!PodView.of(pod).nodeName().isEmpty()) {
            byUid.put(Meta.uid(pod), Placed.of(pod, PodView.of(pod).nodeName()));
        }
    }

    /// A pod that is being bound; taken back by [#forget] if that fails.
    synchronized void assume(ObjectNode pod, String node) {
        byUid.put(Meta.uid(pod), Placed.of(pod, node));
    }

    synchronized void forget(ObjectNode pod) {
        byUid.remove(Meta.uid(pod));
    }

    /// What runs where, nodes without pods left out.
    synchronized Map<String, List<Placed>> byNode() {
        var nodes = new HashMap<String, List<Placed>>();
        byUid.values()
                .forEach(p ->
                        nodes.computeIfAbsent(p.node(), n -> new ArrayList<>()).add(p));
        return nodes;
    }
}
