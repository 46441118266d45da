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
    private final Map<String, NodeLoad> byNode = new HashMap<>();
    private final Map<String, Placed> opinionated = new HashMap<>();
    private final Map<String, Placed> nominated = new HashMap<>();

    /// What is on one node. Immutable; sums are kept, not made anew for each pod that looks for a place.
    ///
    /// @param used the sum of what all of them hold
    record NodeLoad(List<Placed> pods, Amounts used) {
        static final NodeLoad NONE = new NodeLoad(List.of(), Amounts.NONE);

        NodeLoad {
            pods = List.copyOf(pods);
        }

        static NodeLoad of(List<Placed> pods) {
            return new NodeLoad(
                    pods, Amounts.sum(pods.stream().map(Placed::request).toList()));
        }

        NodeLoad with(Placed pod) {
            var more = new ArrayList<>(pods);
            more.add(pod);
            return new NodeLoad(more, used.plus(pod.request()));
        }

        NodeLoad without(Placed pod) {
            var less = new ArrayList<>(pods);
            less.remove(pod);
            return new NodeLoad(less, used.lessNotBelowZero(pod.request()));
        }
    }

    /// @param hostPorts as `protocol/ip/port`
    record Placed(
            String node,
            Amounts request,
            List<String> hostPorts,
            String namespace,
            Map<String, String> labels,
            String controllerUid,
            PodTraits traits) {

        static Placed of(ObjectNode pod, String node) {
            String controller =
                    Owners.controllerOf(pod).map(o -> o.path("uid").asText()).orElse("");
            return new Placed(
                    node,
                    PodView.of(pod).heldRequests(),
                    ports(pod),
                    Meta.namespace(pod),
                    Meta.labels(pod),
                    controller,
                    PodTraits.of(pod));
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
        String node = pod.path("status").path("nominatedNodeName").asText("");
        if (PodView.of(pod).isActive() && !PodView.of(pod).isBound() && !node.isEmpty()) {
            nominated.put(Meta.uid(pod), Placed.of(pod, node));
        } else {
            nominated.remove(Meta.uid(pod));
        }
        if (PodView.of(pod).isTerminal()) {
            remove(Meta.uid(pod));
        } else if (!PodView.of(pod).nodeName().isEmpty()) {
            put(Meta.uid(pod), Placed.of(pod, PodView.of(pod).nodeName()));
        }
    }

    /// A pod that is being bound; taken back by [#forget] if that fails.
    synchronized void assume(ObjectNode pod, String node) {
        nominated.remove(Meta.uid(pod));
        put(Meta.uid(pod), Placed.of(pod, node));
    }

    synchronized void forget(ObjectNode pod) {
        nominated.remove(Meta.uid(pod));
        remove(Meta.uid(pod));
    }

    /// A pod that waits for room on a node, which is being made there.
    synchronized void nominate(ObjectNode pod, String node) {
        nominated.put(Meta.uid(pod), Placed.of(pod, node));
    }

    /// Those that room is being made for, wherever.
    synchronized List<Placed> nominated() {
        return List.copyOf(nominated.values());
    }

    /// Those placed pods that have terms about other pods.
    synchronized List<Placed> opinionated() {
        return List.copyOf(opinionated.values());
    }

    /// What runs where, nodes without pods left out.
    synchronized Map<String, NodeLoad> byNode() {
        return Map.copyOf(byNode);
    }

    private void put(String uid, Placed pod) {
        if (pod.equals(byUid.get(uid))) {
            return;
        }
        remove(uid);
        byUid.put(uid, pod);
        if (pod.traits().isOpinionated()) {
            opinionated.put(uid, pod);
        }
        byNode.merge(pod.node(), NodeLoad.of(List.of(pod)), (load, _) -> load.with(pod));
    }

    private void remove(String uid) {
        opinionated.remove(uid);
        Placed pod = byUid.remove(uid);
        if (pod != null) {
            byNode.computeIfPresent(pod.node(), (_, load) -> load.pods().size() == 1 ? null : load.without(pod));
        }
    }
}
