package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.ClusterImage.Placed;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.EventRecorder;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.StatusWriter;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.MergePatches;
import io.insula.tenantapi.controllers.objects.Statuses;
import io.insula.tenantapi.controllers.objects.VolumeClaims;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.Condition;
import java.time.Clock;
import java.util.List;

/// All that the scheduler writes. What is gone or was written by another meanwhile is passed over: its event is on the
/// way, and the next look sees it.
final class SchedulerWrites {

    private static final String NOMINATED = "nominatedNodeName";

    private final ObjectClient client;
    private final EventRecorder events;
    private final Clock clock;
    private final Store pods;

    SchedulerWrites(ObjectClient client, EventRecorder events, Clock clock, Store pods) {
        this.client = client;
        this.events = events;
        this.clock = clock;
        this.pods = pods;
    }

    /// Whether it is bound now, by this call.
    boolean bind(ObjectNode pod, String node) {
        ObjectNode binding = Json.object().put("apiVersion", "v1").put("kind", "Binding");
        binding.putObject("metadata")
                .put("name", Meta.name(pod))
                .put("namespace", Meta.namespace(pod))
                .put("uid", Meta.uid(pod));
        binding.putObject("target").put("apiVersion", "v1").put("kind", "Node").put("name", node);
        boolean done = isDone(() ->
                client.createSubresource(Resources.PODS, Meta.namespace(pod), Meta.name(pod), "binding", binding));
        if (done) {
            events.normal(pod, "Scheduled", "Successfully assigned " + Key.of(pod) + " to " + node);
        }
        return done;
    }

    /// Says why no node takes it.
    ///
    /// @param nominated the node where room is being made for it; empty for none
    void unschedulable(ObjectNode pod, String message, String nominated) {
        ObjectNode status = StatusWriter.statusOf(pod);
        boolean isNews = Condition.set(status, "PodScheduled", false, "Unschedulable", message, clock.instant());
        boolean moves = !nominated.equals(status.path(NOMINATED).asText(""));
        if (!isNews && !moves) {
            return;
        }
        ObjectNode patch = Json.object();
        patch.set(Condition.LIST, Condition.listIn(status));
        if (moves && nominated.isEmpty()) {
            patch.putNull(NOMINATED);
        } else if (moves) {
            patch.put(NOMINATED, nominated);
        }
        if (isDone(() -> status(pod, patch)) && isNews) {
            events.warning(pod, "FailedScheduling", message);
        }
    }

    /// Has pods end in their own grace period, as another one takes their place.
    void evict(List<Placed> victims, ObjectNode pod) {
        victims.forEach(victim -> evict(victim, pod));
    }

    private void evict(Placed victim, ObjectNode pod) {
        Key key = new Key(victim.namespace(), victim.traits().name());
        pods.get(key)
                .filter(found -> Meta.uid(found).equals(victim.traits().uid()) && !Meta.isBeingDeleted(found))
                .ifPresent(found -> evict(found, key, victim.node(), pod));
    }

    private void evict(ObjectNode victim, Key key, String node, ObjectNode pod) {
        ObjectNode status = StatusWriter.statusOf(victim);
        Condition.set(
                status,
                "DisruptionTarget",
                true,
                "PreemptionByScheduler",
                "default-scheduler: preempting to accommodate a higher priority pod",
                clock.instant());
        ObjectNode patch = Json.object();
        patch.set(Condition.LIST, Condition.listIn(status));
        isDone(() -> status(victim, patch));
        ObjectNode options = Json.object();
        options.putObject("preconditions").put("uid", Meta.uid(victim));
        if (isDone(() -> client.delete(Resources.PODS, key.namespace(), key.name(), options))) {
            events.normal(victim, "Preempted", "Preempted by pod " + Meta.uid(pod) + " on node " + node);
        }
    }

    private void status(ObjectNode pod, ObjectNode patch) {
        client.mergePatch(Resources.PODS, Meta.namespace(pod), Meta.name(pod), "status", Statuses.patch(patch));
    }

    /// Whoever provisions volumes waits for a node to be chosen; when the claim is bound the pod is tried again.
    void askForVolume(ObjectNode claim, String node) {
        if (Meta.annotations(claim).containsKey(VolumeClaims.SELECTED_NODE)) {
            return;
        }
        ObjectNode patch = MergePatches.asRead(claim);
        patch.withObjectProperty("metadata").putObject("annotations").put(VolumeClaims.SELECTED_NODE, node);
        isDone(() -> client.mergePatch(
                Resources.PERSISTENT_VOLUME_CLAIMS, Meta.namespace(claim), Meta.name(claim), "", patch));
    }

    /// Keeps a volume for a claim; the binder does the rest.
    ///
    /// Source: kubernetes, `pkg/scheduler/framework/plugins/volumebinding`, `BindPodVolumes`.
    void keep(ObjectNode volume, ObjectNode claim) {
        if (volume.path("spec").hasNonNull("claimRef")) {
            return;
        }
        ObjectNode patch = MergePatches.asRead(volume);
        patch.putObject("spec").set("claimRef", VolumeClaims.reference(claim));
        isDone(() -> client.mergePatch(Resources.PERSISTENT_VOLUMES, "", Meta.name(volume), "", patch));
    }

    private static boolean isDone(Runnable write) {
        try {
            write.run();
            return true;
        } catch (ApiException e) {
            if (e.is("NotFound") || e.is("Conflict")) {
                return false;
            }
            throw e;
        }
    }
}
