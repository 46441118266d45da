package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.Cluster.Spot;
import io.insula.host.scheduler.ClusterImage.NodeLoad;
import io.insula.host.scheduler.ClusterImage.Placed;
import io.insula.host.scheduler.Fit.Question;
import io.insula.rules.preemption.Room;
import io.insula.rules.preemption.Victims;
import io.insula.rules.preemption.Victims.Budget;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.LabelSelectors;
import io.insula.tenantapi.view.WorkloadView;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Room for a pod on one of the host's nodes, made by ending pods of lower priority ([Victims]). Pure.
final class Preemption {

    private Preemption() {}

    /// The best there is; empty where nobody's going would help.
    ///
    /// @param rejections why no node can take the pod now
    /// @param budgets PodDisruptionBudgets of all namespaces
    static Optional<Room<Placed>> of(
            Question question, Cluster cluster, Map<String, Rejection> rejections, Collection<ObjectNode> budgets) {
        var victims = new Victims<Placed>(
                placed -> placed.traits().priority(),
                placed -> placed.traits().started(),
                placed -> placed.traits().name(),
                budgets.stream().map(Preemption::budget).toList());
        return victims.best(cluster.spots().stream()
                .filter(spot -> isHelped(spot, rejections))
                .flatMap(spot ->
                        victims
                                .on(spot.name(), lower(spot, question), gone -> fits(spot, gone, question, cluster))
                                .stream()));
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

    private static boolean fits(Spot spot, List<Placed> gone, Question question, Cluster cluster) {
        NodeLoad load = spot.load();
        for (Placed each : gone) {
            load = load.without(each);
        }
        Cluster then = cluster.with(spot.name(), load);
        return question.against(then.spot(spot.name()), then, question.rules(then))
                .isEmpty();
    }

    private static Budget<Placed> budget(ObjectNode budget) {
        return new Budget<>(
                pod -> isCounted(budget, pod),
                budget.path("status").path("disruptionsAllowed").asInt());
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
}
