package io.insula.tenantapi.controllers.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.EventRecorder;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.PodView;
import io.insula.tenantapi.view.WorkloadView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One pass over a stateful set's pods: each wanted ordinal in order, then those too many from the highest
/// down, then the next pod that a rolling update replaces. With the policy OrderedReady a pass ends at the
/// first pod that is not where it should be. Source: kubernetes,
/// `pkg/controller/statefulset/stateful_set_control.go`, updateStatefulSet.
///
/// Used once, by one thread.
final class StatefulSync {

    private final ObjectClient client;
    private final EventRecorder events;
    private final StatefulClaims claims;
    private final ObjectNode set;
    private final ObjectNode current;
    private final ObjectNode update;
    private final Instant now;
    private final Map<Integer, ObjectNode> replicas = new HashMap<>();
    private final List<Ranked> condemned = new ArrayList<>();
    private final int first;
    private final int wanted;
    private final boolean ordered;

    private record Ranked(int ordinal, ObjectNode pod) {}

    /// @param current the revision that pods below the partition have
    /// @param update the revision of the present template
    StatefulSync(
            ObjectClient client,
            EventRecorder events,
            StatefulClaims claims,
            ObjectNode set,
            Collection<ObjectNode> pods,
            ObjectNode current,
            ObjectNode update,
            Instant now) {
        this.client = client;
        this.events = events;
        this.claims = claims;
        this.set = set;
        this.current = current;
        this.update = update;
        this.now = now;
        this.first = StatefulPods.firstOrdinal(set);
        this.wanted = WorkloadView.of(set).replicas();
        this.ordered = !set.path("spec").path("podManagementPolicy").asText("").equals("Parallel");
        for (ObjectNode pod : pods) {
            StatefulPods.ordinal(set, pod).ifPresent(ordinal -> sort(ordinal, pod));
        }
        condemned.sort(Comparator.comparingInt(Ranked::ordinal).reversed());
    }

    private void sort(int ordinal, ObjectNode pod) {
        if (ordinal >= first && ordinal < first + wanted) {
            replicas.put(ordinal, pod);
        } else {
            condemned.add(new Ranked(ordinal, pod));
        }
    }

    /// @throws ApiException the first write that failed
    void run() {
        if (!keepReplicas() || !scaleDown()) {
            return;
        }
        if (!set.path("spec").path("updateStrategy").path("type").asText().equals("OnDelete")) {
            replaceNext();
        }
    }

    /// @return whether the pass may go on
    private boolean keepReplicas() {
        boolean allDone = true;
        RuntimeException failure = null;
        for (int ordinal = first; ordinal < first + wanted; ordinal++) {
            try {
                boolean done = keep(ordinal);
                allDone &= done;
                if (!done && ordered) {
                    return false;
                }
            } catch (ApiException e) {
                if (ordered) {
                    throw e;
                }
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
        return allDone;
    }

    /// @return false where the pass must wait for this ordinal
    private boolean keep(int ordinal) {
        @Nullable ObjectNode pod = replicas.get(ordinal);
        if (pod == null) {
            return create(ordinal);
        }
        if (PodView.of(pod).isTerminal()) {
            replaceEnded(pod);
            return false;
        }
        if (PodView.of(pod).phase().equals("Pending")) {
            claims.create(set, ordinal);
        }
        if (ordered && (Meta.isBeingDeleted(pod) || !StatefulPods.isAvailable(set, pod, now))) {
            return false;
        }
        keepIdentity(ordinal, pod);
        claims.retain(set, pod, ordinal, false);
        return true;
    }

    private boolean create(int ordinal) {
        if (claims.isStale(set, ordinal, "")) {
            return false;
        }
        claims.create(set, ordinal);
        ObjectNode from = isCurrentRevisionNeeded(ordinal) ? current : update;
        ObjectNode pod = StatefulPods.pod(set, Revisions.template(from), Meta.name(from), ordinal);
        String what = "create Pod " + Meta.name(pod) + " in StatefulSet " + Meta.name(set);
        try {
            client.create(Resources.PODS, Meta.namespace(set), pod);
            events.normal(set, "SuccessfulCreate", what + " successful");
        } catch (ApiException e) {
            if (e.is("AlreadyExists") || PodWriter.namespaceIsGoing(e)) {
                return false; // the cache will show it
            }
            events.warning(set, "FailedCreate", what + " failed error: " + e.getMessage());
            throw e;
        }
        return !ordered;
    }

    private boolean isCurrentRevisionNeeded(int ordinal) {
        JsonNode strategy = set.path("spec").path("updateStrategy");
        if (!strategy.path("type").asText().equals("RollingUpdate")) {
            return false;
        }
        JsonNode partition = strategy.path("rollingUpdate").path("partition");
        int bound = partition.isNumber()
                ? partition.asInt()
                : set.path("status").path("currentReplicas").asInt();
        return ordinal < first + bound;
    }

    private void replaceEnded(ObjectNode pod) {
        String name = Meta.namespace(set) + "/" + Meta.name(set);
        if (PodView.of(pod).phase().equals("Failed")) {
            events.warning(
                    set, "RecreatingFailedPod", "StatefulSet " + name + " is recreating failed Pod " + Meta.name(pod));
        } else {
            events.normal(
                    set,
                    "RecreatingTerminatedPod",
                    "StatefulSet " + name + " is recreating terminated Pod " + Meta.name(pod));
        }
        if (!Meta.isBeingDeleted(pod)) {
            delete(pod);
        }
    }

    private void keepIdentity(int ordinal, ObjectNode pod) {
        Map<String, String> labels = Meta.labels(pod);
        String name = StatefulPods.name(set, ordinal);
        String index = Integer.toString(ordinal);
        if (name.equals(labels.get(StatefulPods.POD_NAME)) && index.equals(labels.get(StatefulPods.POD_INDEX))) {
            return;
        }
        ObjectNode patch = Json.object();
        patch.putObject("metadata")
                .put("uid", Meta.uid(pod))
                .putObject("labels")
                .put(StatefulPods.POD_NAME, name)
                .put(StatefulPods.POD_INDEX, index);
        client.mergePatch(Resources.PODS, Meta.namespace(pod), name, "", patch);
    }

    /// @return whether the pass may go on
    private boolean scaleDown() {
        for (Ranked one : condemned) {
            claims.retain(set, one.pod(), one.ordinal(), true);
        }
        String sick = firstUnhealthy();
        boolean quiet = true;
        for (Ranked one : condemned) {
            ObjectNode pod = one.pod();
            if (Meta.isBeingDeleted(pod)) {
                if (ordered) {
                    return false;
                }
                continue;
            }
            if (ordered
                    && !StatefulPods.isAvailable(set, pod, now)
                    && !Meta.name(pod).equals(sick)) {
                return false;
            }
            delete(pod);
            quiet = false;
            if (ordered) {
                return false;
            }
        }
        return quiet;
    }

    /// The name of the first of all pods, the condemned in ascending order after the others; empty where all are well.
    private String firstUnhealthy() {
        for (int ordinal = first; ordinal < first + wanted; ordinal++) {
            ObjectNode pod = replicas.get(ordinal);
            if (pod != null && !StatefulPods.isHealthy(pod)) {
                return Meta.name(pod);
            }
        }
        return condemned.reversed().stream()
                .map(Ranked::pod)
                .filter(pod -> !StatefulPods.isHealthy(pod))
                .findFirst()
                .map(Meta::name)
                .orElse("");
    }

    /// Deletes the highest pod of another revision, if all above it are healthy.
    private void replaceNext() {
        int partition = set.path("spec")
                .path("updateStrategy")
                .path("rollingUpdate")
                .path("partition")
                .asInt();
        for (int ordinal = first + wanted - 1; ordinal >= first + partition; ordinal--) {
            ObjectNode pod = replicas.get(ordinal);
            if (pod == null) {
                return;
            }
            if (!StatefulPods.revision(pod).equals(Meta.name(update)) && !Meta.isBeingDeleted(pod)) {
                delete(pod);
                return;
            }
            if (!StatefulPods.isHealthy(pod)) {
                return;
            }
        }
    }

    private void delete(ObjectNode pod) {
        String what = "delete Pod " + Meta.name(pod) + " in StatefulSet " + Meta.name(set);
        try {
            client.delete(Resources.PODS, Meta.namespace(pod), Meta.name(pod), PodWriter.onlyIf(pod));
            events.normal(set, "SuccessfulDelete", what + " successful");
        } catch (ApiException e) {
            if (PodWriter.isGone(e)) {
                return;
            }
            events.warning(set, "FailedDelete", what + " failed error: " + e.getMessage());
            throw e;
        }
    }
}
