package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.Cluster.Spot;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.view.Nodes;
import io.insula.tenantapi.view.PodView;
import java.util.List;
import java.util.function.ToLongFunction;

/// How well fitting nodes suit a pod; more is better. Pure. Each score is from 0 to 100, and weighs what it weighs
/// upstream.
///
/// Source: kubernetes, `pkg/scheduler/framework/plugins`, `pkg/scheduler/apis/config/v1/default_plugins.go`.
final class Scores {

    private static final int MOST = 100;

    private static final int TAINTS = 3;
    private static final int NODE_AFFINITY = 2;
    private static final int SPREAD = 2;
    private static final int INTER_POD = 2;
    private static final int ROOM = 1;
    private static final int BALANCE = 1;
    private static final int IMAGES = 1;

    private static final List<String> WEIGHED = List.of("cpu", "memory");

    private Scores() {}

    /// One sum for each of these nodes.
    ///
    /// @param images in [0, 100] for each node
    static long[] of(
            ObjectNode pod,
            List<Spot> feasible,
            InterPodAffinity affinity,
            TopologySpread spread,
            ToLongFunction<Spot> images) {
        Amounts asked = PodView.of(pod).heldRequests();
        long[] dislikes = new long[feasible.size()];
        long[] likes = new long[feasible.size()];
        long[] sums = new long[feasible.size()];
        for (int i = 0; i < sums.length; i++) {
            Spot spot = feasible.get(i);
            dislikes[i] = dislikes(pod, spot.node());
            likes[i] = preferred(pod, spot.node());
            sums[i] = resources(asked, spot) + IMAGES * images.applyAsLong(spot);
        }
        add(sums, TAINTS, reversed(normal(dislikes)));
        add(sums, NODE_AFFINITY, normal(likes));
        add(sums, SPREAD, spread.scores(feasible));
        add(sums, INTER_POD, affinity.scores(feasible));
        return sums;
    }

    private static void add(long[] sums, int weight, long[] scores) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += weight * scores[i];
        }
    }

    /// The most of them is 100.
    private static long[] normal(long[] scores) {
        long most = 0;
        for (long score : scores) {
            most = Math.max(most, score);
        }
        for (int i = 0; i < scores.length && most > 0; i++) {
            scores[i] = MOST * scores[i] / most;
        }
        return scores;
    }

    private static long[] reversed(long[] scores) {
        for (int i = 0; i < scores.length; i++) {
            scores[i] = MOST - scores[i];
        }
        return scores;
    }

    /// What is left of each, and how alike the shares are.
    static long resources(Amounts asked, Spot spot) {
        Amounts used = spot.load().used();
        Amounts allocatable = Amounts.of(spot.node().path("status").path("allocatable"));
        long left = 0;
        double[] shares = new double[WEIGHED.size()];
        for (int i = 0; i < shares.length; i++) {
            String name = WEIGHED.get(i);
            double total = allocatable.get(name).value().doubleValue();
            double after = used.get(name).plus(asked.get(name)).value().doubleValue();
            shares[i] = total <= 0 ? 1 : Math.min(1, after / total);
            left += total <= 0 ? 0 : Math.max(0, (long) (MOST * (total - after) / total));
        }
        long balance = (long) ((1 - Math.abs(shares[0] - shares[1]) / 2) * MOST);
        return ROOM * (left / WEIGHED.size()) + BALANCE * balance;
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
            JsonNode preference = term.path("preference");
            boolean any = preference.path("matchExpressions").isEmpty()
                    && preference.path("matchFields").isEmpty();
            if (any || Nodes.matchesTerm(preference, node)) {
                weight += term.path("weight").asLong();
            }
        }
        return weight;
    }
}
