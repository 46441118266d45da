package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.TenantView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Pods for which the tenant's own nodes have no place. Pure.
final class Unplaced {

    private Unplaced() {}

    /// What is told while the tenant's own nodes have no place for the pod; empty where the host's scheduler chooses.
    static Optional<List<Change>> told(Pod tenant, TenantView view, boolean isLost) {
        return switch (NodeChoice.of(tenant, view)) {
            case NodeChoice.Nowhere(var message, var untilPodsMove) -> {
                var told = new ArrayList<Change>();
                var room = untilPodsMove ? OwnPreemption.of(tenant, view) : Optional.<OwnPreemption>empty();
                if (room.isPresent()) {
                    told.addAll(room.get().changes(tenant, message, view));
                    told.add(new LookAgain(PodNews.WAIT, "pods of lower priority to make room"));
                } else {
                    told.addAll(PodNews.unschedulable(tenant, message, "", view));
                    if (untilPodsMove) {
                        told.add(new LookAgain(PodNews.PATIENCE, "other pods to make room"));
                    }
                }
                yield Optional.of(told);
            }
            case NodeChoice.After(var pod) -> {
                var told = new ArrayList<Change>();
                if (!view.now().isBefore(PodNews.created(tenant, view).plus(PodNews.PATIENCE))) {
                    String message = "waiting for pod \"" + pod + "\" to have a node";
                    told.addAll(PodNews.unschedulable(tenant, message, Preempting.nominated(tenant), view));
                }
                told.add(new LookAgain(PodNews.WAIT, "the node of pod " + pod));
                yield Optional.of(told);
            }
            case NodeChoice.NoSuchNode(var node)
            when !isLost ->
                Optional.of(PodNews.refuse(
                        tenant,
                        new Unsupported("spec.nodeName", "\"" + node + "\" is no node of this cluster"),
                        "Failed"));
            case NodeChoice.NoSuchNode _, NodeChoice.AsWritten _, NodeChoice.Without _, NodeChoice.Among _ ->
                Optional.empty();
        };
    }
}
