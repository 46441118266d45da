package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.EndInTenant;
import io.insula.syncer.engine.TenantEvents;
import io.insula.syncer.engine.TenantView;
import io.insula.syncer.engine.Trees;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Room for a pod on one of its tenant's Nodes, made by ending pods of the same tenant that have a lower priority:
/// where
/// what is short is the tenant's own ([OwnDemands]), of which the host's scheduler knows nothing. Of the tenant's
/// disruption budgets as few are broken as can be. Pure.
///
/// Source: Kubernetes documentation, "Pod Priority and Preemption"; kubernetes,
/// `pkg/scheduler/framework/plugins/defaultpreemption` and `pkg/scheduler/framework/preemption`.
///
/// @param node for the pod
/// @param victims that go, the most important first; none while those that were asked to go are on their way
/// @param violations how many of them a disruption budget would keep
record OwnPreemption(String node, List<Pod> victims, int violations) {

    /// What upstream compares, in this order.
    private static final Comparator<OwnPreemption> BETTER = Comparator.comparingInt(OwnPreemption::violations)
            .thenComparingInt(each -> Preempting.priority(each.victims().getFirst()))
            .thenComparingLong(each -> each.victims().stream()
                    .mapToLong(pod -> Preempting.priority(pod) - (long) Integer.MIN_VALUE)
                    .sum())
            .thenComparingInt(each -> each.victims().size())
            .thenComparing(OwnPreemption::youngest, Comparator.reverseOrder())
            .thenComparing(OwnPreemption::node);

    /// The most important first: of higher priority, then older.
    private static final Comparator<Pod> IMPORTANCE = Comparator.<Pod>comparingInt(Preempting::priority)
            .reversed()
            .thenComparing(OwnPreemption::started)
            .thenComparing(Kinds::name);

    OwnPreemption {
        victims = List.copyOf(victims);
    }

    /// Empty where nobody may be asked to go, or nobody's going would help.
    static Optional<OwnPreemption> of(Pod pod, TenantView tenant) {
        if ("Never".equals(pod.getSpec().getPreemptionPolicy())) {
            return Optional.empty();
        }
        TenantView seen = Preempting.seenBy(pod, tenant);
        var view = seen instanceof Preempting made ? made : new Preempting(seen, seen.tenantObjects(Kinds.POD));
        String nominated = Preempting.nominated(pod);
        boolean areGoing = lower(pod, nominated, view).stream()
                .anyMatch(each -> each.getMetadata().getDeletionTimestamp() != null);
        if (areGoing) {
            return Optional.of(new OwnPreemption(nominated, List.of(), 0));
        }
        var candidates = NodeChoice.candidates(pod, view);
        return candidates.stream()
                .filter(node -> NodeChoice.refusal(pod.getSpec(), node).isEmpty())
                .flatMap(node -> on(node, pod, view, candidates).stream())
                .min(BETTER);
    }

    /// What is written: that the pod waits for a node, and why others go.
    ///
    /// @param message why it has none now
    List<Change> changes(Pod pod, String message, TenantView view) {
        var changes = new ArrayList<Change>();
        if (!victims.isEmpty()) {
            changes.addAll(PodNews.unschedulable(pod, message, node, view));
        }
        for (Pod victim : victims) {
            changes.add(TenantEvents.normal(
                    victim,
                    "Preempted",
                    "Preempted by pod " + pod.getMetadata().getUid() + " on node " + node,
                    view.now().toString()));
            changes.add(disrupted(victim, view));
            changes.add(new EndInTenant(Kinds.POD, victim, "a pod of higher priority takes its place"));
        }
        return changes;
    }

    /// Read by Jobs, which may have rules about it.
    private static Change disrupted(Pod victim, TenantView view) {
        var status = Trees.object();
        var conditions = Conditions.none(status);
        if (victim.getStatus() != null) {
            for (PodCondition each : victim.getStatus().getConditions()) {
                if (!each.getType().equals("DisruptionTarget")) {
                    conditions.list().add(Trees.of(each));
                }
            }
        }
        conditions
                .add("DisruptionTarget", "True")
                .put("reason", "PreemptionByScheduler")
                .put("message", "default-scheduler: preempting to accommodate a higher priority pod")
                .put("lastTransitionTime", view.now().toString());
        return PodNews.status(victim, status);
    }

    /// As few as make room on this node: all of lower priority go, and come back as far as there is room, those that a
    /// budget keeps first.
    private static Optional<OwnPreemption> on(TenantNode node, Pod pod, Preempting view, List<TenantNode> candidates) {
        var gone = new ArrayList<>(lower(pod, node.name(), view));
        if (gone.isEmpty() || !fits(node, pod, view.without(gone), candidates)) {
            return Optional.empty();
        }
        var kept = keptByBudgets(gone, view);
        var order = new ArrayList<Pod>(kept);
        gone.stream().filter(each -> !kept.contains(each)).sorted(IMPORTANCE).forEach(order::add);
        for (Pod each : order) {
            gone.remove(each);
            if (!fits(node, pod, view.without(gone), candidates)) {
                gone.add(each);
            }
        }
        gone.sort(IMPORTANCE);
        return gone.isEmpty()
                ? Optional.empty()
                : Optional.of(new OwnPreemption(node.name(), gone, (int)
                        gone.stream().filter(kept::contains).count()));
    }

    private static boolean fits(TenantNode node, Pod pod, TenantView view, List<TenantNode> candidates) {
        return OwnDemands.of(pod, view).refusal(node, candidates).isEmpty();
    }

    private static List<Pod> lower(Pod pod, String node, Preempting view) {
        return view.pods().stream()
                .filter(other -> node.equals(other.getSpec().getNodeName()) && OwnDemands.isPlaced(other))
                .filter(other -> Preempting.priority(other) < Preempting.priority(pod))
                .toList();
    }

    /// Those of them that a budget does not let go, the most important first.
    private static List<Pod> keptByBudgets(List<Pod> pods, TenantView view) {
        Map<PodDisruptionBudget, Integer> allowed = new HashMap<>();
        var kept = new ArrayList<Pod>();
        for (Pod pod : pods.stream().sorted(IMPORTANCE).toList()) {
            boolean broken = false;
            for (PodDisruptionBudget budget : view.tenantObjects(Kinds.DISRUPTION_BUDGET)) {
                if (isCounted(budget, pod)) {
                    int left = allowed.merge(budget, disruptions(budget) - 1, (now, _) -> now - 1);
                    broken |= left < 0;
                }
            }
            if (broken) {
                kept.add(pod);
            }
        }
        return kept;
    }

    private static boolean isCounted(PodDisruptionBudget budget, Pod pod) {
        var labels = pod.getMetadata().getLabels();
        return Kinds.namespace(budget).equals(Kinds.namespace(pod))
                && labels != null
                && !labels.isEmpty()
                && budget.getSpec() != null
                && budget.getSpec().getSelector() != null
                && !Selectors.isEverything(budget.getSpec().getSelector())
                && Selectors.matches(budget.getSpec().getSelector(), labels)
                && (budget.getStatus() == null
                        || budget.getStatus().getDisruptedPods() == null
                        || !budget.getStatus().getDisruptedPods().containsKey(Kinds.name(pod)));
    }

    private static int disruptions(PodDisruptionBudget budget) {
        return budget.getStatus() == null
                ? 0
                : Objects.requireNonNullElse(budget.getStatus().getDisruptionsAllowed(), 0);
    }

    /// When the oldest of the most important victims began.
    private String youngest() {
        int highest = Preempting.priority(victims.getFirst());
        return victims.stream()
                .filter(pod -> Preempting.priority(pod) == highest)
                .map(OwnPreemption::started)
                .min(Comparator.naturalOrder())
                .orElse("");
    }

    private static String started(Pod pod) {
        String started = pod.getStatus() == null ? null : pod.getStatus().getStartTime();
        return started != null
                ? started
                : Objects.requireNonNullElse(pod.getMetadata().getCreationTimestamp(), "");
    }
}
