package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.syncer.engine.TenantView;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What a pod asks of its tenant's own Nodes that the host's scheduler cannot know. Two such pods may not be judged at
/// once, as each counts where the other is: the younger one waits until the older one has a node. Pure.
record OwnDemands(OwnTopology topology, OwnResources resources, List<Pod> pods) {

    private static final Comparator<Pod> BY_AGE = Comparator.<Pod, String>comparing(
                    pod -> Objects.requireNonNullElse(pod.getMetadata().getCreationTimestamp(), ""))
            .thenComparing(Kinds::namespace)
            .thenComparing(Kinds::name);

    static OwnDemands of(Pod pod, TenantView view) {
        return of(pod, view, TenantNode.all(view));
    }

    /// Pods for which room is being made count as if they were there already.
    static OwnDemands of(Pod pod, TenantView tenant, List<TenantNode> nodes) {
        var view = Preempting.seenBy(pod, tenant);
        var topology = OwnTopology.of(pod, view, nodes);
        var resources = OwnResources.of(pod, nodes);
        boolean any = !topology.keys().isEmpty() || !resources.names().isEmpty();
        return new OwnDemands(topology, resources, any ? view.tenantObjects(Kinds.POD) : List.of());
    }

    boolean areAny() {
        return !resources.names().isEmpty() || topology.isAsked();
    }

    /// Labels that mean nothing on the host.
    Set<String> keys() {
        return topology.keys();
    }

    Optional<String> refusal(TenantNode node, List<TenantNode> asked) {
        var placed = pods.stream().filter(OwnDemands::isPlaced).toList();
        return resources.refusal(node, placed).or(() -> topology.refusal(node, asked));
    }

    /// An older pod that is on its way to a node, and whose node matters.
    Optional<Pod> awaited() {
        Pod own = topology.pod();
        return pods.stream()
                .filter(other -> BY_AGE.compare(other, own) < 0 && isOnItsWay(other))
                .filter(other -> resources.waitsFor(other) || topology.waitsFor(other))
                .min(BY_AGE);
    }

    static boolean isPlaced(Pod pod) {
        return pod.getSpec().getNodeName() != null && !isFinished(pod);
    }

    /// One that no node takes now may be so for ever: it keeps nobody waiting.
    private static boolean isOnItsWay(Pod pod) {
        return pod.getSpec().getNodeName() == null
                && !isFinished(pod)
                && pod.getMetadata().getDeletionTimestamp() == null
                && pod.getSpec().getSchedulingGates().isEmpty()
                && (pod.getStatus() == null
                        || pod.getStatus().getConditions().stream()
                                .noneMatch(each -> each.getType().equals("PodScheduled")
                                        && each.getStatus().equals("False")));
    }

    private static boolean isFinished(Pod pod) {
        var phase = pod.getStatus() == null ? "" : pod.getStatus().getPhase();
        return "Succeeded".equals(phase) || "Failed".equals(phase);
    }
}
