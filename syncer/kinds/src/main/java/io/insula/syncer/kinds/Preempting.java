package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.syncer.engine.ForwardedView;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.TenantView;
import java.util.List;
import java.util.Objects;

/// A tenant's pods as one that has no node yet is to count them: pods for which room is being made are where they are
/// going to be, and some may be thought away. Immutable.
///
/// @param pods in place of the tenant's
record Preempting(TenantView view, List<Pod> pods) implements ForwardedView {

    /// Field of a pod's status: the node for which it waits.
    static final String NOMINATED = "nominatedNodeName";

    /// As upstream counts nominated pods of no lower priority.
    ///
    /// Source: kubernetes, `pkg/scheduler/framework/runtime`, `addGENominatedPods`.
    static TenantView seenBy(Pod pod, TenantView view) {
        if (view instanceof Preempting) {
            return view;
        }
        var all = view.tenantObjects(Kinds.POD);
        return all.stream().anyMatch(other -> isOnItsWay(other, pod))
                ? new Preempting(
                        view,
                        all.stream()
                                .map(other -> isOnItsWay(other, pod) ? placed(other) : other)
                                .toList())
                : view;
    }

    /// Without these.
    Preempting without(List<Pod> gone) {
        return new Preempting(
                view, pods.stream().filter(pod -> !gone.contains(pod)).toList());
    }

    static int priority(Pod pod) {
        return Objects.requireNonNullElse(pod.getSpec().getPriority(), 0);
    }

    /// The node for which it waits; empty for none.
    static String nominated(Pod pod) {
        return pod.getStatus() == null
                ? ""
                : Objects.requireNonNullElse(pod.getStatus().getNominatedNodeName(), "");
    }

    private static boolean isOnItsWay(Pod other, Pod pod) {
        return !nominated(other).isEmpty()
                && other.getSpec().getNodeName() == null
                && other.getMetadata().getDeletionTimestamp() == null
                && !OwnTopology.isSame(other, pod)
                && priority(other) >= priority(pod);
    }

    private static Pod placed(Pod pod) {
        return pod.edit().editSpec().withNodeName(nominated(pod)).endSpec().build();
    }

    @Override
    @SuppressWarnings("unchecked") // the kind of pods is of pods
    public <T extends HasMetadata> List<T> tenantObjects(KindRef<T> kind) {
        return kind.equals(Kinds.POD) ? (List<T>) pods : view.tenantObjects(kind);
    }
}
