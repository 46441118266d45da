package io.insula.tenantapi.controllers.objects;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which pods go first when there are too many: unassigned, pending, not ready, cheap to delete, on a node with many of
/// their siblings, ready for a shorter time, restarted more often, younger. Times are compared by their order of
/// magnitude. Source: kubernetes, `pkg/controller/controller_utils.go`, ActivePodsWithRanks.
public final class PodRanking {

    private PodRanking() {}

    /// The `count` pods to delete, of all active ones.
    public static List<ObjectNode> victims(Collection<ObjectNode> active, int count, Instant now) {
        Map<String, Integer> perNode = new HashMap<>();
        active.forEach(pod -> perNode.merge(PodView.of(pod).nodeName(), 1, Integer::sum));
        Comparator<ObjectNode> order = Comparator.<ObjectNode>comparingInt(
                        pod -> PodView.of(pod).nodeName().isEmpty() ? 0 : 1)
                .thenComparingInt(PodRanking::phaseRank)
                .thenComparingInt(pod -> PodView.of(pod).isReady() ? 1 : 0)
                .thenComparingInt(PodRanking::deletionCost)
                .thenComparingInt(pod -> -perNode.getOrDefault(PodView.of(pod).nodeName(), 0))
                .thenComparingLong(pod -> magnitude(PodView.of(pod).readySince().orElse(now), now))
                .thenComparingInt(pod -> -PodView.of(pod).maxRestarts())
                .thenComparingLong(pod -> magnitude(created(pod, now), now))
                .thenComparing(Meta::uid);
        return active.stream().sorted(order).limit(count).toList();
    }

    private static int phaseRank(JsonNode pod) {
        return switch (PodView.of(pod).phase()) {
            case "Pending", "" -> 0;
            case "Unknown" -> 1;
            default -> 2;
        };
    }

    private static int deletionCost(JsonNode pod) {
        try {
            return Integer.parseInt(
                    Meta.annotations(pod).getOrDefault("controller.kubernetes.io/pod-deletion-cost", "0"));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static Instant created(JsonNode pod, Instant now) {
        return Meta.created(pod).orElse(now);
    }

    /// The binary logarithm of an age in nanoseconds: ages within a factor of two are alike.
    private static long magnitude(Instant since, Instant now) {
        long nanos = Math.max(0, Duration.between(since, now).toNanos());
        return 64L - Long.numberOfLeadingZeros(nanos);
    }
}
