package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirementBuilder;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.NodeSelectorTermBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PreferredSchedulingTerm;
import io.fabric8.kubernetes.api.model.PreferredSchedulingTermBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.insula.isolation.NodeFit;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.syncer.engine.TenantView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which nodes a pod may go to by what its tenant did to its Node objects, in words that the host's scheduler knows:
/// names of nodes. Where the tenant did nothing that matters to the pod, what the pod asks for stays as it is written.
///
/// A pod that the tenant put on a node itself (`spec.nodeName`) goes there or nowhere, past the tenant's own taints and
/// cordons, as upstream; the host's hold. Pure.
sealed interface NodeChoice {

    /// As the pod is written.
    record AsWritten() implements NodeChoice {}

    /// As the pod is written, but not to these, of which there is at least one.
    record Without(List<String> nodes) implements NodeChoice {}

    /// To one of these and to no other, of which there is at least one, whatever labels the pod asks for.
    record Among(List<String> nodes) implements NodeChoice {}

    /// To no node that there is now.
    ///
    /// @param message as the scheduler words it
    /// @param untilPodsMove whether other pods of the tenant's are in the way, and not its Nodes alone
    record Nowhere(String message, boolean untilPodsMove) implements NodeChoice {}

    /// Not before another pod has its node.
    ///
    /// @param pod namespace and name
    record After(String pod) implements NodeChoice {}

    /// The tenant has no such node.
    record NoSuchNode(String node) implements NodeChoice {}

    /// For a pod that is not on the host yet.
    static NodeChoice of(Pod pod, TenantView view) {
        List<TenantNode> nodes = TenantNode.all(view);
        String fixed = Objects.requireNonNullElse(pod.getSpec().getNodeName(), "");
        if (!fixed.isEmpty()) {
            return nodes.stream().anyMatch(node -> node.name().equals(fixed))
                    ? new Among(List.of(fixed))
                    : new NoSuchNode(fixed);
        }
        var own = OwnDemands.of(pod, view, nodes);
        boolean demanding = own.areAny();
        if (demanding) {
            var older = own.awaited();
            if (older.isPresent()) {
                return new After(Kinds.namespace(older.get()) + "/" + Kinds.name(older.get()));
            }
        }
        List<TenantNode> candidates = nodes.stream()
                .filter(node -> asksFor(pod.getSpec(), node.name(), node.tenantLabels()))
                .toList();
        var kept = new ArrayList<TenantNode>();
        var away = new ArrayList<String>();
        boolean sameLabels = true;
        var why = new TreeMap<String, Integer>();
        for (TenantNode node : nodes) {
            boolean asked = candidates.contains(node);
            sameLabels &= asked == asksFor(pod.getSpec(), node.name(), node.hostLabels());
            Optional<String> refusal = asked
                    ? refusal(pod.getSpec(), node)
                            .or(() -> demanding ? own.refusal(node, candidates) : Optional.empty())
                    : Optional.of(NO_MATCH);
            refusal.ifPresent(text -> why.merge(text, 1, Integer::sum));
            if (refusal.isEmpty()) {
                kept.add(node);
            } else if (asked) {
                away.add(node.name());
            }
        }
        if (sameLabels && away.isEmpty() && !demanding) {
            return new AsWritten();
        }
        if (kept.isEmpty()) {
            var reasons = why.entrySet().stream()
                    .map(each -> each.getValue() + " " + each.getKey())
                    .toList();
            return new Nowhere(
                    "0/" + nodes.size() + " nodes are available: " + String.join(", ", reasons) + ".", demanding);
        }
        return sameLabels && !demanding
                ? new Without(List.copyOf(away))
                : new Among(kept.stream().map(TenantNode::name).toList());
    }

    /// Names of the nodes that a new pod may go to by all that the tenant knows of them; none where there is no such
    /// node now.
    static List<String> nodes(Pod pod, TenantView view) {
        NodeChoice choice = of(pod, view);
        return switch (choice) {
            case Among(var nodes) -> nodes;
            case AsWritten _, Without _ ->
                candidates(pod, view).stream()
                        .map(TenantNode::name)
                        .filter(name -> !(choice instanceof Without(var away)) || !away.contains(name))
                        .sorted()
                        .toList();
            case Nowhere _, After _, NoSuchNode _ -> List.of();
        };
    }

    /// The tenant's nodes that a pod asks for by their labels and names.
    static List<TenantNode> candidates(Pod pod, TenantView view) {
        return TenantNode.all(view).stream()
                .filter(node -> asksFor(pod.getSpec(), node.name(), node.tenantLabels()))
                .toList();
    }

    String NO_MATCH = "node(s) didn't match Pod's node affinity/selector";

    /// Why the tenant's own cordon or taints keep a pod away; empty where they do not.
    static Optional<String> refusal(PodSpec spec, TenantNode node) {
        if (node.isCordonedByTenant() && !tolerates(spec, UNSCHEDULABLE)) {
            return Optional.of("node(s) were unschedulable");
        }
        return node.ownTaints().stream()
                .filter(taint -> !tolerates(spec, taint))
                .findFirst()
                .map(taint -> "node(s) had untolerated taint {" + taint.getKey() + ": "
                        + Objects.requireNonNullElse(taint.getValue(), "") + "}");
    }

    Taint UNSCHEDULABLE = new Taint("NoSchedule", WellKnownKeys.UNSCHEDULABLE, null, null);

    private static boolean tolerates(PodSpec spec, Taint taint) {
        return spec.getTolerations().stream().anyMatch(each -> NodeFit.tolerates(each, taint));
    }

    private static boolean asksFor(PodSpec spec, String node, Map<String, String> labels) {
        var terms = required(spec.getAffinity());
        var selector = Objects.requireNonNullElse(spec.getNodeSelector(), Map.<String, String>of());
        return labels.entrySet().containsAll(selector.entrySet())
                && terms.map(all -> all.stream().anyMatch(term -> NodeTerms.matches(term, node, labels)))
                        .orElse(true);
    }

    private static Optional<List<NodeSelectorTerm>> required(@Nullable Affinity affinity) {
        return Optional.ofNullable(affinity)
                .map(Affinity::getNodeAffinity)
                .map(each -> each.getRequiredDuringSchedulingIgnoredDuringExecution())
                .map(each -> each.getNodeSelectorTerms());
    }

    /// The labels that the host's scheduler looks for.
    default Map<String, String> selector(@Nullable Map<String, String> written) {
        return this instanceof Among ? Map.of() : Objects.requireNonNullElse(written, Map.of());
    }

    /// The affinity that the host's scheduler looks at.
    ///
    /// @param written of the pod, renamed for the host
    /// @param own what the pod prefers by topologies of the tenant's own: weights by the names of nodes
    default @Nullable Affinity affinity(@Nullable Affinity written, TenantView view, Map<String, Integer> own) {
        Affinity preferring = preferring(preferring(written, view), own);
        return switch (this) {
            case AsWritten _, Nowhere _, After _, NoSuchNode _ -> preferring;
            case Among(var nodes) ->
                requiring(
                        preferring,
                        nodes.stream().map(node -> named(node, "In")).toList(),
                        List.of());
            case Without(var nodes) ->
                requiring(
                        preferring,
                        required(written).orElseGet(() -> List.of(new NodeSelectorTerm())),
                        nodes.stream().map(node -> onName(node, "NotIn")).toList());
        };
    }

    private static Affinity requiring(
            @Nullable Affinity written, List<NodeSelectorTerm> terms, List<NodeSelectorRequirement> more) {
        var each = terms.stream()
                .map(term -> new NodeSelectorTermBuilder(term)
                        .addAllToMatchFields(more)
                        .build())
                .toList();
        return builder(written)
                .editOrNewNodeAffinity()
                .withNewRequiredDuringSchedulingIgnoredDuringExecution()
                .withNodeSelectorTerms(each)
                .endRequiredDuringSchedulingIgnoredDuringExecution()
                .endNodeAffinity()
                .build();
    }

    /// A preference for labels that only the tenant's Nodes have becomes one for the nodes that have them.
    private static @Nullable Affinity preferring(@Nullable Affinity written, TenantView view) {
        if (written == null
                || written.getNodeAffinity() == null
                || written.getNodeAffinity()
                        .getPreferredDuringSchedulingIgnoredDuringExecution()
                        .isEmpty()) {
            return written;
        }
        List<TenantNode> nodes = TenantNode.all(view);
        var terms = written.getNodeAffinity().getPreferredDuringSchedulingIgnoredDuringExecution().stream()
                .flatMap(term -> preferred(term, nodes))
                .toList();
        return builder(written)
                .editNodeAffinity()
                .withPreferredDuringSchedulingIgnoredDuringExecution(terms)
                .endNodeAffinity()
                .build();
    }

    /// Source: Kubernetes API reference, `PreferredSchedulingTerm.weight`: 1 to 100.
    private static @Nullable Affinity preferring(@Nullable Affinity written, Map<String, Integer> own) {
        if (own.isEmpty()) {
            return written;
        }
        return builder(written)
                .editOrNewNodeAffinity()
                .addAllToPreferredDuringSchedulingIgnoredDuringExecution(own.entrySet().stream()
                        .map(each -> new PreferredSchedulingTermBuilder()
                                .withWeight(Math.clamp(each.getValue(), 1, 100))
                                .withPreference(named(each.getKey(), "In"))
                                .build())
                        .toList())
                .endNodeAffinity()
                .build();
    }

    private static Stream<PreferredSchedulingTerm> preferred(PreferredSchedulingTerm term, List<TenantNode> nodes) {
        var liked = nodes.stream()
                .filter(node -> NodeTerms.matches(term.getPreference(), node.name(), node.tenantLabels()))
                .toList();
        var byHost = nodes.stream()
                .filter(node -> NodeTerms.matches(term.getPreference(), node.name(), node.hostLabels()))
                .toList();
        return liked.equals(byHost)
                ? Stream.of(term)
                : liked.stream()
                        .map(node -> new PreferredSchedulingTermBuilder(term)
                                .withPreference(named(node.name(), "In"))
                                .build());
    }

    private static AffinityBuilder builder(@Nullable Affinity written) {
        return written == null ? new AffinityBuilder() : new AffinityBuilder(written);
    }

    private static NodeSelectorTerm named(String node, String operator) {
        return new NodeSelectorTermBuilder()
                .withMatchFields(onName(node, operator))
                .build();
    }

    private static NodeSelectorRequirement onName(String node, String operator) {
        return new NodeSelectorRequirementBuilder()
                .withKey(NodeTerms.NAME)
                .withOperator(operator)
                .withValues(node)
                .build();
    }
}
