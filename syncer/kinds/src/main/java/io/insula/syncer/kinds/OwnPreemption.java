package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.insula.rules.preemption.Victims;
import io.insula.rules.preemption.Victims.Budget;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.EndInTenant;
import io.insula.syncer.engine.TenantEvents;
import io.insula.syncer.engine.TenantView;
import io.insula.syncer.engine.Trees;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Room for a pod on one of its tenant's Nodes, made by ending pods of the same tenant that have a lower priority
/// ([Victims]): where what is short is the tenant's own ([OwnDemands]), of which the host's scheduler knows nothing. Of
/// the tenant's disruption budgets as few are broken as can be. Pure.
///
/// Source: Kubernetes documentation, "Pod Priority and Preemption".
///
/// @param node for the pod
/// @param victims that go, the most important first; none while those that were asked to go are on their way
record OwnPreemption(String node, List<Pod> victims) {

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
            return Optional.of(new OwnPreemption(nominated, List.of()));
        }
        var candidates = NodeChoice.candidates(pod, view);
        var victims = new Victims<Pod>(
                Preempting::priority,
                OwnPreemption::started,
                Kinds::name,
                view.tenantObjects(Kinds.DISRUPTION_BUDGET).stream()
                        .map(OwnPreemption::budget)
                        .toList());
        return victims.best(candidates.stream()
                        .filter(node -> NodeChoice.refusal(pod.getSpec(), node).isEmpty())
                        .flatMap(node -> victims
                                .on(
                                        node.name(),
                                        lower(pod, node.name(), view),
                                        gone -> fits(node, pod, view.without(gone), candidates))
                                .stream()))
                .map(room -> new OwnPreemption(room.node(), room.victims()));
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

    private static boolean fits(TenantNode node, Pod pod, TenantView view, List<TenantNode> candidates) {
        return OwnDemands.of(pod, view).refusal(node, candidates).isEmpty();
    }

    private static List<Pod> lower(Pod pod, String node, Preempting view) {
        return view.pods().stream()
                .filter(other -> node.equals(other.getSpec().getNodeName()) && OwnDemands.isPlaced(other))
                .filter(other -> Preempting.priority(other) < Preempting.priority(pod))
                .toList();
    }

    private static Budget<Pod> budget(PodDisruptionBudget budget) {
        return new Budget<>(pod -> isCounted(budget, pod), disruptions(budget));
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

    private static String started(Pod pod) {
        String started = pod.getStatus() == null ? null : pod.getStatus().getStartTime();
        return started != null
                ? started
                : Objects.requireNonNullElse(pod.getMetadata().getCreationTimestamp(), "");
    }
}
