package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTerm;
import io.insula.syncer.engine.TenantView;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/// What a pod asks by topologies that only its tenant knows: labels that the tenant gave its own Nodes. The host's
/// scheduler sees neither these labels nor their domains, so such terms are judged here, over the tenant's own pods,
/// and become names of nodes. Pure.
///
/// Source: Kubernetes documentation, "Inter-pod affinity and anti-affinity", "Pod Topology Spread Constraints".
///
/// @param keys labels that the tenant's Nodes have otherwise than the host's
record OwnTopology(Pod pod, TenantView view, List<TenantNode> nodes, Set<String> keys) {

    private static final String HARD = "DoNotSchedule";
    private static final int SPREAD_WEIGHT = 50;

    static OwnTopology of(Pod pod, TenantView view, List<TenantNode> nodes) {
        var used = new HashSet<String>();
        used(pod).forEach(used::add);
        view.tenantObjects(Kinds.POD).stream()
                .filter(other -> other.getSpec().getAffinity() != null)
                .flatMap(OwnTopology::used)
                .forEach(used::add);
        // a pod that is not complete is refused elsewhere
        used.remove(null);
        used.removeIf(key -> nodes.stream()
                .allMatch(node -> Objects.equals(
                        node.tenantLabels().get(key), node.hostLabels().get(key))));
        return new OwnTopology(pod, view, nodes, used);
    }

    /// Whatever is used by nobody makes no difference.
    private static Stream<String> used(Pod pod) {
        var spread =
                pod.getSpec().getTopologySpreadConstraints().stream().map(TopologySpreadConstraint::getTopologyKey);
        Affinity affinity = pod.getSpec().getAffinity();
        if (affinity == null) {
            return spread;
        }
        var near = affinity.getPodAffinity();
        var far = affinity.getPodAntiAffinity();
        return Stream.of(
                        spread,
                        near == null
                                ? Stream.<String>empty()
                                : keys(
                                        near.getRequiredDuringSchedulingIgnoredDuringExecution(),
                                        near.getPreferredDuringSchedulingIgnoredDuringExecution()),
                        far == null
                                ? Stream.<String>empty()
                                : keys(
                                        far.getRequiredDuringSchedulingIgnoredDuringExecution(),
                                        far.getPreferredDuringSchedulingIgnoredDuringExecution()))
                .flatMap(each -> each);
    }

    private static Stream<String> keys(List<PodAffinityTerm> required, List<WeightedPodAffinityTerm> preferred) {
        return Stream.concat(
                        required.stream(),
                        preferred.stream()
                                .map(WeightedPodAffinityTerm::getPodAffinityTerm)
                                .filter(Objects::nonNull))
                .map(PodAffinityTerm::getTopologyKey);
    }

    /// Whether the pod, or one that is there already, insists on anything that is judged here.
    boolean isAsked() {
        return !keys.isEmpty()
                && (!affinities(pod).isEmpty()
                        || !antiAffinities(pod).isEmpty()
                        || !spreads(pod, HARD).isEmpty()
                        || others().anyMatch(other ->
                                antiAffinities(other).stream().anyMatch(term -> selects(term, other, pod))));
    }

    /// Why the pod may not go to a node, as the scheduler words it; empty where it may.
    ///
    /// @param asked the nodes that it asks for otherwise, over which it is spread
    Optional<String> refusal(TenantNode node, List<TenantNode> asked) {
        if (!affinities(pod).stream().allMatch(term -> isNear(term, node))) {
            return Optional.of("node(s) didn't match pod affinity rules");
        }
        if (antiAffinities(pod).stream().anyMatch(term -> placed(term, pod, node))) {
            return Optional.of("node(s) didn't match pod anti-affinity rules");
        }
        boolean unwanted = others().anyMatch(other -> antiAffinities(other).stream()
                .anyMatch(term -> selects(term, other, pod) && isSameDomain(term.getTopologyKey(), other, node)));
        if (unwanted) {
            return Optional.of("node(s) didn't satisfy existing pods anti-affinity rules");
        }
        return spreads(pod, HARD).stream().allMatch(each -> spreads(each, node, asked))
                ? Optional.empty()
                : Optional.of("node(s) didn't match pod topology spread constraints");
    }

    /// Whether it matters to this pod where another one, that has no node yet, will be.
    boolean waitsFor(Pod other) {
        return Stream.concat(affinities(pod).stream(), antiAffinities(pod).stream())
                        .anyMatch(term -> selects(term, pod, other))
                || antiAffinities(other).stream().anyMatch(term -> selects(term, other, pod))
                || spreads(pod, HARD).stream().anyMatch(each -> selects(each, other));
    }

    /// How much the pod prefers each node by such terms; none for no difference.
    Map<String, Integer> preferences() {
        var weights = new TreeMap<String, Integer>();
        Affinity affinity = pod.getSpec().getAffinity();
        if (affinity != null && affinity.getPodAffinity() != null) {
            prefer(affinity.getPodAffinity().getPreferredDuringSchedulingIgnoredDuringExecution(), true, weights);
        }
        if (affinity != null && affinity.getPodAntiAffinity() != null) {
            prefer(affinity.getPodAntiAffinity().getPreferredDuringSchedulingIgnoredDuringExecution(), false, weights);
        }
        for (var each : spreads(pod, "ScheduleAnyway")) {
            var counts = counts(each, nodes);
            int least =
                    counts.values().stream().mapToInt(Integer::intValue).min().orElse(0);
            nodes.stream()
                    .filter(node ->
                            Objects.equals(counts.get(node.tenantLabels().get(each.getTopologyKey())), least))
                    .forEach(node -> weights.merge(node.name(), SPREAD_WEIGHT, Integer::sum));
        }
        return weights;
    }

    private void prefer(List<WeightedPodAffinityTerm> terms, boolean near, Map<String, Integer> weights) {
        terms.stream()
                .filter(each -> each.getPodAffinityTerm() != null
                        && keys.contains(each.getPodAffinityTerm().getTopologyKey()))
                .forEach(each -> nodes.stream()
                        .filter(node -> near == placed(each.getPodAffinityTerm(), pod, node))
                        .forEach(node -> weights.merge(node.name(), each.getWeight(), Integer::sum)));
    }

    /// The first of pods that want to be together is near where there is a domain at all.
    private boolean isNear(PodAffinityTerm term, TenantNode node) {
        if (!node.tenantLabels().containsKey(term.getTopologyKey())) {
            return false;
        }
        boolean first = selects(term, pod, pod)
                && others().noneMatch(other -> selects(term, pod, other)
                        && domain(term.getTopologyKey(), other).isPresent());
        return first || placed(term, pod, node);
    }

    private boolean placed(PodAffinityTerm term, Pod owner, TenantNode node) {
        return others().anyMatch(
                        other -> selects(term, owner, other) && isSameDomain(term.getTopologyKey(), other, node));
    }

    private boolean spreads(TopologySpreadConstraint constraint, TenantNode node, List<TenantNode> asked) {
        String domain = node.tenantLabels().get(constraint.getTopologyKey());
        if (domain == null) {
            return false;
        }
        var counts = counts(constraint, asked);
        int domains = Objects.requireNonNullElse(constraint.getMinDomains(), 1);
        int least = counts.size() < domains
                ? 0
                : counts.values().stream().mapToInt(Integer::intValue).min().orElse(0);
        int own = selects(constraint, pod) ? 1 : 0;
        return counts.getOrDefault(domain, 0) + own - least <= constraint.getMaxSkew();
    }

    /// Of each domain of these nodes.
    private Map<String, Integer> counts(TopologySpreadConstraint constraint, List<TenantNode> among) {
        var counts = new HashMap<String, Integer>();
        for (TenantNode node : among) {
            String domain = node.tenantLabels().get(constraint.getTopologyKey());
            if (domain != null) {
                counts.putIfAbsent(domain, 0);
            }
        }
        others().filter(other -> other.getMetadata().getDeletionTimestamp() == null && selects(constraint, other))
                .flatMap(other -> domain(constraint.getTopologyKey(), other).stream())
                .forEach(domain -> counts.computeIfPresent(domain, (_, count) -> count + 1));
        return counts;
    }

    private boolean isSameDomain(String key, Pod other, TenantNode node) {
        return domain(key, other)
                .filter(domain -> domain.equals(node.tenantLabels().get(key)))
                .isPresent();
    }

    private Optional<String> domain(String key, Pod placed) {
        String there = placed.getSpec().getNodeName();
        return nodes.stream()
                .filter(node -> node.name().equals(there))
                .findFirst()
                .map(node -> node.tenantLabels().get(key));
    }

    /// The tenant's other pods that are on a node.
    private Stream<Pod> others() {
        return view.tenantObjects(Kinds.POD).stream()
                .filter(other -> !isSame(other, pod) && OwnDemands.isPlaced(other));
    }

    static boolean isSame(Pod one, Pod other) {
        return Kinds.name(one).equals(Kinds.name(other)) && Kinds.namespace(one).equals(Kinds.namespace(other));
    }

    private List<PodAffinityTerm> affinities(Pod of) {
        return terms(
                of,
                affinity -> affinity.getPodAffinity() == null
                        ? List.of()
                        : affinity.getPodAffinity().getRequiredDuringSchedulingIgnoredDuringExecution());
    }

    private List<PodAffinityTerm> antiAffinities(Pod of) {
        return terms(
                of,
                affinity -> affinity.getPodAntiAffinity() == null
                        ? List.of()
                        : affinity.getPodAntiAffinity().getRequiredDuringSchedulingIgnoredDuringExecution());
    }

    private List<PodAffinityTerm> terms(Pod of, Function<Affinity, List<PodAffinityTerm>> list) {
        return of.getSpec().getAffinity() == null
                ? List.of()
                : list.apply(of.getSpec().getAffinity()).stream()
                        .filter(term -> keys.contains(term.getTopologyKey()))
                        .toList();
    }

    private List<TopologySpreadConstraint> spreads(Pod of, String whenUnsatisfiable) {
        return of.getSpec().getTopologySpreadConstraints().stream()
                .filter(each ->
                        keys.contains(each.getTopologyKey()) && whenUnsatisfiable.equals(each.getWhenUnsatisfiable()))
                .toList();
    }

    private boolean selects(TopologySpreadConstraint constraint, Pod other) {
        return Kinds.namespace(other).equals(Kinds.namespace(pod))
                && selects(constraint.getLabelSelector(), constraint.getMatchLabelKeys(), List.of(), pod, other);
    }

    private boolean selects(PodAffinityTerm term, Pod owner, Pod other) {
        String namespace = Kinds.namespace(other);
        LabelSelector namespaces = term.getNamespaceSelector();
        boolean named = term.getNamespaces().contains(namespace)
                || (namespaces == null && term.getNamespaces().isEmpty() && namespace.equals(Kinds.namespace(owner)));
        boolean inside = named
                || (namespaces != null
                        && NamespaceLabels.matches(
                                namespaces,
                                namespace,
                                view.tenantObject(Kinds.NAMESPACE, "", namespace)
                                        .map(each -> each.getMetadata().getLabels())
                                        .orElse(null)));
        return inside
                && selects(
                        term.getLabelSelector(), term.getMatchLabelKeys(), term.getMismatchLabelKeys(), owner, other);
    }

    /// No selector selects nothing.
    private static boolean selects(
            @org.jspecify.annotations.Nullable LabelSelector selector,
            List<String> same,
            List<String> different,
            Pod owner,
            Pod other) {
        var mine = labels(owner);
        var theirs = labels(other);
        return selector != null
                && Selectors.matches(selector, theirs)
                && same.stream()
                        .allMatch(key -> !mine.containsKey(key) || mine.get(key).equals(theirs.get(key)))
                && different.stream()
                        .noneMatch(key -> mine.containsKey(key) && mine.get(key).equals(theirs.get(key)));
    }

    private static Map<String, String> labels(Pod pod) {
        var labels = pod.getMetadata().getLabels();
        return labels == null ? Map.of() : new LinkedHashMap<>(labels);
    }
}
