package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.ClusterImage.NodeLoad;
import io.insula.host.scheduler.ClusterImage.Placed;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.view.Nodes;
import io.insula.tenantapi.view.PodView;
import java.util.List;

/// How well a fitting node suits a pod; more is better. Pure. Least allocated counts up to 100, each preferred term its
/// weight; each sibling on the node and each tainted dislike costs 20.
final class Scores {

    private static final long SIBLING = 20;

    private Scores() {}

    static long of(ObjectNode pod, ObjectNode node, List<Placed> running) {
        return leastAllocated(pod, node, running)
                + preferred(pod, node)
                - SIBLING * (siblings(pod, running) + dislikes(pod, node));
    }

    private static long leastAllocated(ObjectNode pod, ObjectNode node, List<Placed> running) {
        Amounts after = NodeLoad.of(running).used().plus(PodView.of(pod).heldRequests());
        Amounts allocatable = Amounts.of(node.path("status").path("allocatable"));
        long sum = 0;
        for (String name : List.of("cpu", "memory")) {
            double total = allocatable.get(name).value().doubleValue();
            double free = total - after.get(name).value().doubleValue();
            sum += total <= 0 ? 0 : Math.max(0, (long) (100 * free / total));
        }
        return sum / 2;
    }

    private static long siblings(ObjectNode pod, List<Placed> running) {
        Placed self = Placed.of(pod, "");
        return running.stream()
                .filter(p ->
                        !self.controllerUid().isEmpty() && p.controllerUid().equals(self.controllerUid()))
                .count();
    }

    private static long dislikes(ObjectNode pod, ObjectNode node) {
        long count = 0;
        for (JsonNode taint : node.path("spec").path("taints")) {
            if (taint.path("effect").asText().equals("PreferNoSchedule") && !Nodes.tolerates(pod, taint)) {
                count++;
            }
        }
        return count;
    }

    private static long preferred(ObjectNode pod, ObjectNode node) {
        long weight = 0;
        for (JsonNode term : pod.path("spec")
                .path("affinity")
                .path("nodeAffinity")
                .path("preferredDuringSchedulingIgnoredDuringExecution")) {
            if (Nodes.matchesTerm(term.path("preference"), node)) {
                weight += term.path("weight").asLong();
            }
        }
        return weight;
    }
}
