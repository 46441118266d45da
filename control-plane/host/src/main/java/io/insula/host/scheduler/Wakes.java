package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.Rejection.Cause;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.VolumeClaims;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Which pods are to be tried when something changes: a new one, and of those that no node took the ones that the
/// change may help. Called on the informers' thread, which keeps the image of the cluster too.
///
/// Source: kubernetes, the plugins' `EventsToRegister`.
final class Wakes {

    private static final Set<Cause> A_POD_WENT =
            Set.of(Cause.ROOM, Cause.PORTS, Cause.FAR, Cause.SPREAD, Cause.VOLUME_IN_USE);
    private static final Set<Cause> A_POD_CAME = Set.of(Cause.NEAR, Cause.SPREAD);
    private static final Set<Cause> LABELS_CHANGED = Set.of(Cause.NEAR, Cause.FAR, Cause.SPREAD);

    private final Store pods;
    private final ClusterImage image;
    private final Attempts attempts;

    Wakes(Store pods, ClusterImage image, Attempts attempts) {
        this.pods = pods;
        this.image = image;
        this.attempts = attempts;
    }

    /// Whether the scheduler has a node to find for it.
    static boolean waits(ObjectNode pod) {
        return PodView.of(pod).nodeName().isEmpty()
                && PodView.of(pod).isActive()
                && !PodView.of(pod).spec().isGated()
                && pod.path("spec").path("schedulerName").asText(Scheduler.NAME).equals(Scheduler.NAME);
    }

    Collection<Key> onPod(ObjectEvent event) {
        ObjectNode pod = event.object();
        switch (event) {
            case ObjectEvent.Added(var added) -> image.observe(added);
            case ObjectEvent.Updated(var _, var updated) -> image.observe(updated);
            case ObjectEvent.Deleted(var deleted) -> {
                image.forget(deleted);
                attempts.forget(Key.of(deleted));
            }
        }
        var keys = new LinkedHashSet<Key>(attempts.waitingFor(cured(event)));
        if (waits(pod) && !(event instanceof ObjectEvent.Deleted) && !onlyStatusChanged(event)) {
            keys.add(Key.of(pod));
        }
        return keys;
    }

    /// What a change of a pod that is on a node, or was to be, may help against.
    private static Set<Cause> cured(ObjectEvent event) {
        ObjectNode pod = event.object();
        boolean placed = PodView.of(pod).isBound();
        boolean nominated =
                !pod.path("status").path("nominatedNodeName").asText("").isEmpty();
        if (event instanceof ObjectEvent.Deleted || PodView.of(pod).isTerminal()) {
            return placed || nominated ? A_POD_WENT : Set.of();
        }
        if (!placed) {
            return Set.of();
        }
        if (!(event instanceof ObjectEvent.Updated(var before, var after))
                || !PodView.of(before).isBound()) {
            return A_POD_CAME;
        }
        var causes = EnumSet.noneOf(Cause.class);
        if (!Meta.labels(before).equals(Meta.labels(after))) {
            causes.addAll(LABELS_CHANGED);
        }
        if (Meta.isBeingDeleted(before) != Meta.isBeingDeleted(after)) {
            causes.add(Cause.SPREAD);
        }
        if (!PodView.of(before).heldRequests().equals(PodView.of(after).heldRequests())) {
            causes.add(Cause.ROOM);
        }
        return causes;
    }

    private static boolean onlyStatusChanged(ObjectEvent event) {
        return event instanceof ObjectEvent.Updated(var before, var after)
                && before.path("spec").equals(after.path("spec"));
    }

    /// Another node is another answer to everything.
    Collection<Key> onNode(ObjectEvent event) {
        return event instanceof ObjectEvent.Updated(var before, var after) && sameForPods(before, after)
                ? List.of()
                : attempts.waitingFor(EnumSet.allOf(Cause.class));
    }

    private static boolean sameForPods(ObjectNode before, ObjectNode after) {
        return before.path("spec").equals(after.path("spec"))
                && Meta.labels(before).equals(Meta.labels(after))
                && before.path("status")
                        .path("allocatable")
                        .equals(after.path("status").path("allocatable"))
                && Condition.isTrue(before, "Ready") == Condition.isTrue(after, "Ready");
    }

    /// Terms of affinity select namespaces by their labels.
    Collection<Key> onNamespace(ObjectEvent event) {
        return event instanceof ObjectEvent.Updated(var before, var after)
                        && Meta.labels(before).equals(Meta.labels(after))
                ? List.of()
                : attempts.waitingFor(EnumSet.of(Cause.NEAR, Cause.FAR));
    }

    /// Pods of its namespace that wait for a claim.
    List<Key> claiming(ObjectNode claim) {
        return pods.inNamespace(Meta.namespace(claim)).stream()
                .filter(pod -> waits(pod) && VolumeClaims.of(pod).contains(Meta.name(claim)))
                .map(Key::of)
                .toList();
    }
}
