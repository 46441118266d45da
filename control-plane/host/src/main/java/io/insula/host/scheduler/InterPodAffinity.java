package io.insula.host.scheduler;

import io.insula.host.scheduler.Cluster.Spot;
import io.insula.host.scheduler.ClusterImage.Placed;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Whom a pod has to be near and far from, and who has to be far from it: counted once, by domains of nodes. Made for
/// one pod over one cluster; immutable.
///
/// Source: kubernetes, `pkg/scheduler/framework/plugins/interpodaffinity`.
final class InterPodAffinity {

    static final String NOT_NEAR = "node(s) didn't match pod affinity rules";
    static final String NOT_FAR = "node(s) didn't match pod anti-affinity rules";
    static final String UNWANTED = "node(s) didn't satisfy existing pods anti-affinity rules";

    /// What a required term of a placed pod is worth to one that it selects. Upstream's default.
    private static final int HARD_WEIGHT = 1;

    private record Domain(String key, String value) {}

    private final Placed pod;
    private final Cluster cluster;
    private final Map<Domain, Integer> near = new HashMap<>();
    private final Map<Domain, Integer> far = new HashMap<>();
    private final Map<Domain, Integer> unwanted = new HashMap<>();

    private InterPodAffinity(Placed pod, Cluster cluster) {
        this.pod = pod;
        this.cluster = cluster;
        PodTerms own = pod.traits().terms();
        for (Placed other : cluster.opinionated()) {
            count(other.traits().terms().far(), term -> selects(term, pod), other, unwanted);
        }
        if (own.require()) {
            cluster.placed().forEach(other -> {
                if (!own.near().isEmpty() && own.near().stream().allMatch(term -> selects(term, other))) {
                    count(own.near(), _ -> true, other, near);
                }
                count(own.far(), term -> selects(term, other), other, far);
            });
        }
    }

    /// @param pod on no node yet
    static InterPodAffinity of(Placed pod, Cluster cluster) {
        return new InterPodAffinity(pod, cluster);
    }

    /// Why the pod may not go there; empty where it may.
    Optional<String> against(Spot spot) {
        Map<String, String> labels = spot.labels();
        PodTerms own = pod.traits().terms();
        if (!isNear(labels)) {
            return Optional.of(NOT_NEAR);
        }
        if (own.far().stream().anyMatch(term -> holds(term, labels, far))) {
            return Optional.of(NOT_FAR);
        }
        return unwanted.keySet().stream().anyMatch(each -> each.value().equals(labels.get(each.key())))
                ? Optional.of(UNWANTED)
                : Optional.empty();
    }

    /// The first of pods that want to be together has nobody to be near to.
    private boolean isNear(Map<String, String> labels) {
        List<PodTerm> terms = pod.traits().terms().near();
        if (!terms.stream().allMatch(term -> labels.containsKey(term.topologyKey()))) {
            return false;
        }
        return terms.stream().allMatch(term -> holds(term, labels, near))
                || (near.isEmpty() && terms.stream().allMatch(term -> selects(term, pod)));
    }

    private static boolean holds(PodTerm term, Map<String, String> labels, Map<Domain, Integer> counts) {
        String value = labels.get(term.topologyKey());
        return value != null && counts.getOrDefault(new Domain(term.topologyKey(), value), 0) > 0;
    }

    /// From 0 to 100 for each of these nodes: by what the pod prefers, and what placed pods would prefer of it.
    long[] scores(List<Spot> feasible) {
        Map<Domain, Integer> worth = worth();
        long[] sums = new long[feasible.size()];
        if (worth.isEmpty()) {
            return sums;
        }
        long least = Long.MAX_VALUE;
        long most = Long.MIN_VALUE;
        for (int i = 0; i < sums.length; i++) {
            Map<String, String> labels = feasible.get(i).labels();
            for (var each : worth.entrySet()) {
                sums[i] += each.getKey().value().equals(labels.get(each.getKey().key())) ? each.getValue() : 0;
            }
            least = Math.min(least, sums[i]);
            most = Math.max(most, sums[i]);
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] = most == least ? 0 : 100 * (sums[i] - least) / (most - least);
        }
        return sums;
    }

    private Map<Domain, Integer> worth() {
        var worth = new HashMap<Domain, Integer>();
        PodTerms own = pod.traits().terms();
        if (own.prefer()) {
            cluster.placed().forEach(other -> {
                weigh(own.ratherNear(), 1, other, other, worth);
                weigh(own.ratherFar(), -1, other, other, worth);
            });
        }
        for (Placed other : cluster.opinionated()) {
            PodTerms theirs = other.traits().terms();
            count(theirs.near(), term -> selects(term, pod), other, worth, HARD_WEIGHT);
            weigh(theirs.ratherNear(), 1, pod, other, worth);
            weigh(theirs.ratherFar(), -1, pod, other, worth);
        }
        return worth;
    }

    /// @param selected whom the terms have to select
    /// @param there whose node counts
    private void weigh(List<PodTerm> terms, int sign, Placed selected, Placed there, Map<Domain, Integer> worth) {
        for (PodTerm term : terms) {
            count(List.of(term), each -> selects(each, selected), there, worth, sign * term.weight());
        }
    }

    private void count(List<PodTerm> terms, Predicate<PodTerm> wanted, Placed there, Map<Domain, Integer> counts) {
        count(terms, wanted, there, counts, 1);
    }

    private void count(
            List<PodTerm> terms, Predicate<PodTerm> wanted, Placed there, Map<Domain, Integer> counts, int weight) {
        for (PodTerm term : terms) {
            String value = cluster.labelsOf(there).get(term.topologyKey());
            if (value != null && wanted.test(term)) {
                counts.merge(new Domain(term.topologyKey(), value), weight, Integer::sum);
            }
        }
    }

    private boolean selects(PodTerm term, Placed other) {
        return term.selects(other.namespace(), other.labels(), cluster.namespaceLabels());
    }
}
