package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.Cluster.Spot;
import io.insula.host.scheduler.ClusterImage.Placed;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.LabelSelectors;
import io.insula.tenantapi.view.Nodes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// How a pod is spread over the domains of nodes, by what it insists on and by what it prefers. Made for one pod over
/// one cluster; immutable.
///
/// Source: Kubernetes documentation, "Pod Topology Spread Constraints"; kubernetes,
/// `pkg/scheduler/framework/plugins/podtopologyspread`.
final class TopologySpread {

    static final String SKEWED = "node(s) didn't match pod topology spread constraints";
    static final String LABEL_MISSING = SKEWED + " (missing required label)";

    /// One constraint.
    ///
    /// @param counted which pods of the same namespace count
    /// @param minDomains as many there have to be, or the least is zero; 1 where nothing is said
    private record Constraint(
            String key,
            int maxSkew,
            int minDomains,
            boolean byAffinity,
            boolean byTaints,
            boolean hard,
            Predicate<Placed> counted) {}

    private final ObjectNode pod;
    private final Placed self;
    private final Cluster cluster;
    private final List<Constraint> hard = new ArrayList<>();
    private final List<Constraint> soft = new ArrayList<>();
    private final List<Map<String, Integer>> counts;
    private final boolean usual;

    private TopologySpread(ObjectNode pod, Placed self, Cluster cluster, Siblings siblings) {
        this.pod = pod;
        this.self = self;
        this.cluster = cluster;
        for (JsonNode each : pod.path("spec").path("topologySpreadConstraints")) {
            Constraint constraint = of(each);
            (constraint.hard() ? hard : soft).add(constraint);
        }
        usual = hard.isEmpty() && soft.isEmpty();
        if (usual && siblings.areAny()) {
            soft.add(usual(WellKnownKeys.HOSTNAME, 3, siblings));
            soft.add(usual(WellKnownKeys.ZONE, 5, siblings));
        }
        counts = hard.stream().map(each -> counts(each, isWhole(hard))).toList();
    }

    /// @param self the pod, on no node yet
    /// @param siblings over which a pod is spread that says nothing itself
    static TopologySpread of(ObjectNode pod, Placed self, Cluster cluster, Siblings siblings) {
        return new TopologySpread(pod, self, cluster, siblings);
    }

    private Constraint of(JsonNode tree) {
        JsonNode selector = PodTerm.merged(
                tree.path("labelSelector"), Meta.labels(pod), tree.path("matchLabelKeys"), MissingNode.getInstance());
        return new Constraint(
                tree.path("topologyKey").asText(),
                tree.path("maxSkew").asInt(1),
                tree.path("minDomains").asInt(1),
                tree.path("nodeAffinityPolicy").asText("Honor").equals("Honor"),
                tree.path("nodeTaintsPolicy").asText("Ignore").equals("Honor"),
                !tree.path("whenUnsatisfiable").asText().equals("ScheduleAnyway"),
                placed -> LabelSelectors.matches(selector, placed.labels()));
    }

    /// Upstream's, for pods that say nothing.
    private static Constraint usual(String key, int maxSkew, Siblings siblings) {
        return new Constraint(key, maxSkew, 1, true, false, false, siblings::has);
    }

    /// Why the pod may not go there; empty where it may.
    Optional<String> against(Spot spot) {
        for (int i = 0; i < hard.size(); i++) {
            Constraint constraint = hard.get(i);
            String domain = spot.labels().get(constraint.key());
            if (domain == null) {
                return Optional.of(LABEL_MISSING);
            }
            Map<String, Integer> counted = counts.get(i);
            int least = counted.size() < constraint.minDomains()
                    ? 0
                    : counted.values().stream()
                            .mapToInt(Integer::intValue)
                            .min()
                            .orElse(0);
            int own = constraint.counted().test(self) ? 1 : 0;
            if (counted.getOrDefault(domain, 0) + own - least > constraint.maxSkew()) {
                return Optional.of(SKEWED);
            }
        }
        return Optional.empty();
    }

    /// From 0 to 100 for each of these nodes: more where fewer of those that count are in the same domains.
    long[] scores(List<Spot> feasible) {
        long[] scores = new long[feasible.size()];
        if (soft.isEmpty()) {
            return scores;
        }
        Predicate<Spot> whole = usual ? _ -> true : isWhole(soft);
        var domains = soft.stream().map(each -> domains(each, feasible, whole)).toList();
        var found = soft.stream().map(each -> counts(each, whole)).toList();
        long most = 0;
        long least = Long.MAX_VALUE;
        for (int i = 0; i < scores.length; i++) {
            if (whole.test(feasible.get(i))) {
                scores[i] = sum(feasible.get(i), domains, found);
                most = Math.max(most, scores[i]);
                least = Math.min(least, scores[i]);
            }
        }
        for (int i = 0; i < scores.length; i++) {
            scores[i] = !whole.test(feasible.get(i)) ? 0 : most == 0 ? 100 : 100 * (most + least - scores[i]) / most;
        }
        return scores;
    }

    private long sum(Spot spot, List<Set<String>> domains, List<Map<String, Integer>> found) {
        double sum = 0;
        for (int i = 0; i < soft.size(); i++) {
            String domain = spot.labels().get(soft.get(i).key());
            if (domain != null) {
                // many domains have few pods each: what is in one of them weighs the more
                double weight = Math.log(domains.get(i).size() + 2.0);
                sum += found.get(i).getOrDefault(domain, 0) * weight;
                sum += soft.get(i).maxSkew() - 1;
            }
        }
        return Math.round(sum);
    }

    private static Set<String> domains(Constraint constraint, List<Spot> feasible, Predicate<Spot> whole) {
        var domains = new HashSet<String>();
        for (Spot spot : feasible) {
            String domain = spot.labels().get(constraint.key());
            if (domain != null && whole.test(spot)) {
                domains.add(domain);
            }
        }
        return domains;
    }

    /// Nodes that have the labels of all of them.
    private static Predicate<Spot> isWhole(List<Constraint> constraints) {
        return spot -> constraints.stream().allMatch(each -> spot.labels().containsKey(each.key()));
    }

    /// How many pods count in each domain of the nodes that count.
    private Map<String, Integer> counts(Constraint constraint, Predicate<Spot> whole) {
        var counted = new HashMap<String, Integer>();
        for (Spot spot : cluster.spots()) {
            String domain = spot.labels().get(constraint.key());
            if (domain == null || !whole.test(spot) || !isCounted(constraint, spot.node())) {
                continue;
            }
            int there = (int) spot.load().pods().stream()
                    .filter(placed -> placed.namespace().equals(self.namespace())
                            && !placed.traits().going()
                            && constraint.counted().test(placed))
                    .count();
            counted.merge(domain, there, Integer::sum);
        }
        return counted;
    }

    private boolean isCounted(Constraint constraint, JsonNode node) {
        if (constraint.byAffinity() && !Nodes.areSelected(pod.path("spec"), node)) {
            return false;
        }
        return !constraint.byTaints() || Nodes.untolerated(pod, node).findAny().isEmpty();
    }
}
