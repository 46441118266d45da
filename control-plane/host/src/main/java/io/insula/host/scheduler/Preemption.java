package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.Cluster.Spot;
import io.insula.host.scheduler.ClusterImage.NodeLoad;
import io.insula.host.scheduler.ClusterImage.Placed;
import io.insula.host.scheduler.Fit.Question;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.LabelSelectors;
import io.insula.tenantapi.view.WorkloadView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Room for a pod on one node, made by ending pods of lower priority: as few as will do, and of what disruption budgets
/// keep as little as can be. Pure.
///
/// Source: kubernetes, `pkg/scheduler/framework/plugins/defaultpreemption` and `pkg/scheduler/framework/preemption`.
///
/// @param node for the pod
/// @param victims that go, the most important first
/// @param violations how many of them a budget would keep
record Preemption(String node, List<Placed> victims, int violations) {

    /// What upstream compares, in this order.
    private static final Comparator<Preemption> BETTER = Comparator.comparingInt(Preemption::violations)
            .thenComparingInt(each -> each.victims().getFirst().traits().priority())
            .thenComparingLong(each -> each.victims().stream()
                    .mapToLong(victim -> victim.traits().priority() - (long) Integer.MIN_VALUE)
                    .sum())
            .thenComparingInt(each -> each.victims().size())
            .thenComparing(Preemption::started, Comparator.reverseOrder())
            .thenComparing(Preemption::node);

    /// The most important first: of higher priority, then older.
    private static final Comparator<Placed> IMPORTANCE = Comparator.<Placed>comparingInt(
                    placed -> placed.traits().priority())
            .reversed()
            .thenComparing(placed -> placed.traits().started())
            .thenComparing(placed -> placed.traits().name());

    Preemption {
        victims = List.copyOf(victims);
    }

    /// The best there is; empty where nobody's going would help.
    ///
    /// @param rejections why no node can take the pod now
    /// @param budgets PodDisruptionBudgets of all namespaces
    static Optional<Preemption> of(
            Question question, Cluster cluster, Map<String, Rejection> rejections, Collection<ObjectNode> budgets) {
        return cluster.spots().stream()
                .filter(spot -> isHelped(spot, rejections))
                .flatMap(spot -> on(spot, question, cluster, budgets).stream())
                .min(BETTER);
    }

    static boolean isHelped(Spot spot, Map<String, Rejection> rejections) {
        Rejection rejection = rejections.get(spot.name());
        return rejection != null && rejection.isCuredByPreemption();
    }

    /// Pods of lower priority that are on a node.
    static List<Placed> lower(Spot spot, Question question) {
        int priority = question.self().traits().priority();
        return spot.load().pods().stream()
                .filter(placed -> placed.traits().priority() < priority)
                .toList();
    }

    private static Optional<Preemption> on(
            Spot spot, Question question, Cluster cluster, Collection<ObjectNode> budgets) {
        var gone = new ArrayList<>(lower(spot, question));
        if (gone.isEmpty() || !fits(spot, gone, question, cluster)) {
            return Optional.empty();
        }
        Set<Placed> kept = keptByBudgets(gone, budgets);
        var order = new ArrayList<>(gone);
        order.sort(Comparator.<Placed, Boolean>comparing(placed -> !kept.contains(placed))
                .thenComparing(IMPORTANCE));
        for (Placed each : order) {
            gone.remove(each);
            if (!fits(spot, gone, question, cluster)) {
                gone.add(each);
            }
        }
        gone.sort(IMPORTANCE);
        return gone.isEmpty()
                ? Optional.empty()
                : Optional.of(new Preemption(spot.name(), gone, (int)
                        gone.stream().filter(kept::contains).count()));
    }

    private static boolean fits(Spot spot, List<Placed> gone, Question question, Cluster cluster) {
        NodeLoad load = spot.load();
        for (Placed each : gone) {
            load = load.without(each);
        }
        Cluster then = cluster.with(spot.name(), load);
        return question.against(then.spot(spot.name()), then, question.rules(then))
                .isEmpty();
    }

    /// Those that a budget does not let go, the least important first.
    private static Set<Placed> keptByBudgets(List<Placed> pods, Collection<ObjectNode> budgets) {
        Map<String, Integer> allowed = new HashMap<>();
        var kept = new HashSet<Placed>();
        for (Placed pod : pods.stream().sorted(IMPORTANCE).toList()) {
            for (ObjectNode budget : budgets) {
                if (isCounted(budget, pod)) {
                    int disruptions =
                            budget.path("status").path("disruptionsAllowed").asInt();
                    int left = allowed.merge(Meta.uid(budget), disruptions - 1, (now, _) -> now - 1);
                    if (left < 0) {
                        kept.add(pod);
                    }
                }
            }
        }
        return kept;
    }

    private static boolean isCounted(JsonNode budget, Placed pod) {
        JsonNode selector = WorkloadView.of(budget).selector();
        return Meta.namespace(budget).equals(pod.namespace())
                && !pod.labels().isEmpty()
                && selector.isObject()
                && !selector.isEmpty()
                && LabelSelectors.matches(selector, pod.labels())
                && !budget.path("status").path("disruptedPods").has(pod.traits().name());
    }

    /// When the oldest of the most important victims began.
    private String started() {
        int highest = victims.getFirst().traits().priority();
        return victims.stream()
                .map(Placed::traits)
                .filter(traits -> traits.priority() == highest)
                .map(PodTraits::started)
                .min(Comparator.naturalOrder())
                .orElse("");
    }
}
