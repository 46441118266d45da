package io.insula.host.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.simulation.ContainerLife.Told;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The life of a pod on a simulated node: from what it is to its next status. Pure.
/// Source: Kubernetes, "Pod Lifecycle"; the order of conditions is the kubelet's.
final class PodLife {

    private PodLife() {}

    /// @param status null fields are removed by the merge patch; empty where nothing changes
    /// @param events worth telling
    /// @param again when to look again; zero for not by itself
    record Step(ObjectNode status, List<Told> events, Duration again) {
        Step {
            events = List.copyOf(events);
        }
    }

    /// The next step, or nothing where the pod rests.
    ///
    /// @param podIp this pod's address
    /// @param resize why the node does not give what the pod wants now; empty where it does
    /// @param pace how long a start or a run takes
    static Optional<Step> next(
            ObjectNode pod, String podIp, String hostIp, Optional<Resize.Refusal> resize, Duration pace, Instant now) {
        if (PodView.of(pod).isTerminal()) {
            return Optional.empty();
        }
        if (isOverdue(pod, now)) {
            return Optional.of(overdue(pod, now));
        }
        JsonNode status = pod.path("status");
        if (!status.hasNonNull("startTime")) {
            return Optional.of(creating(pod, hostIp, pace, now));
        }
        boolean isInitialized = initDone(pod) >= PodView.of(pod).spec().count(Kind.INIT);
        if (!status.hasNonNull("podIP")) {
            return isInitialized
                    ? mainStep(pod, podIp, resize, pace, now)
                    : Optional.of(sandboxed(pod, podIp, pace, now));
        }
        return isInitialized ? mainStep(pod, "", resize, pace, now) : Optional.of(initStep(pod, pace, now));
    }

    /// A pod that its node does not take.
    static ObjectNode rejected(ObjectNode pod, String reason, String message, Instant now) {
        ObjectNode status = start(pod);
        return status.put("phase", "Failed")
                .put("reason", reason)
                .put("message", "Pod was rejected: " + message)
                .put("startTime", Meta.timestamp(now));
    }

    /// When the pod's deadline is due; empty without one.
    static Optional<Duration> untilDeadline(ObjectNode pod, Instant now) {
        return deadline(pod).map(due -> due.isAfter(now) ? Duration.between(now, due) : Duration.ZERO);
    }

    private static Optional<Instant> deadline(ObjectNode pod) {
        long seconds = pod.path("spec").path("activeDeadlineSeconds").asLong();
        return seconds <= 0
                ? Optional.empty()
                : Meta.time(pod.path("status").path("startTime")).map(start -> Meta.after(start, seconds));
    }

    private static boolean isOverdue(ObjectNode pod, Instant now) {
        return deadline(pod).filter(due -> !due.isAfter(now)).isPresent();
    }

    private static Step overdue(ObjectNode pod, Instant now) {
        ObjectNode status = start(pod);
        status.put("phase", "Failed")
                .put("reason", "DeadlineExceeded")
                .put("message", "Pod was active on the node longer than the specified deadline");
        status.set(
                Kind.ORDINARY.statusField(),
                containers(pod, Kind.ORDINARY, name -> terminated(137, "Error", now), false, 0));
        ready(pod, status, "ContainersNotReady", now);
        return new Step(
                status,
                List.of(new Told(
                        "Normal", "DeadlineExceeded", "Pod was active on the node longer than the specified deadline")),
                Duration.ZERO);
    }

    private static Step creating(ObjectNode pod, String hostIp, Duration pace, Instant now) {
        ObjectNode status = start(pod);
        status.put("phase", "Pending").put("startTime", Meta.timestamp(now)).put("hostIP", hostIp);
        status.putArray("hostIPs").addObject().put("ip", hostIp);
        status.set(
                Kind.ORDINARY.statusField(),
                containers(pod, Kind.ORDINARY, name -> waiting("ContainerCreating"), false, 0));
        boolean hasInit = PodView.of(pod).spec().count(Kind.INIT) > 0;
        if (hasInit) {
            status.set(
                    Kind.INIT.statusField(), containers(pod, Kind.INIT, name -> waiting("PodInitializing"), false, 0));
        }
        Condition.set(status, "PodReadyToStartContainers", false, "", "", now);
        Condition.set(status, "Initialized", !hasInit, hasInit ? "ContainersNotInitialized" : "", "", now);
        ready(pod, status, "ContainersNotReady", now);
        scheduled(status, now);
        return new Step(status, List.of(), pace);
    }

    private static Step sandboxed(ObjectNode pod, String podIp, Duration pace, Instant now) {
        ObjectNode status = start(pod);
        sandbox(status, podIp, now);
        return new Step(status, List.of(), pace);
    }

    private static void sandbox(ObjectNode status, String podIp, Instant now) {
        status.put("podIP", podIp);
        status.putArray("podIPs").addObject().put("ip", podIp);
        Condition.set(status, "PodReadyToStartContainers", true, "", "", now);
    }

    /// The first init container that is not done takes its next step.
    private static Step initStep(ObjectNode pod, Duration pace, Instant now) {
        ObjectNode status = start(pod);
        var life = new ContainerLife(pod, pace, now);
        int index = initDone(pod);
        JsonNode container = PodView.of(pod).spec().list(Kind.INIT).path(index);
        ArrayNode all = PodView.of(pod).statuses(Kind.INIT) instanceof ArrayNode before
                ? before.deepCopy()
                : containers(pod, Kind.INIT, name -> waiting("PodInitializing"), false, 0);
        boolean always = isSidecar(pod, index);
        String policy = always ? "Always" : policy(pod).equals("Never") ? "Never" : "OnFailure";
        ObjectNode next = life.next(
                container,
                all.path(index),
                run -> always ? new Behavior.Runs() : Behavior.ofInit(pod, container, run, pace),
                policy);
        int code = next.path("state").path("terminated").path("exitCode").asInt(-1);
        if (code == 0) {
            next.put("ready", true);
        }
        all.set(index, next);
        status.set(Kind.INIT.statusField(), all);
        boolean done = code == 0 || (always && next.path("state").has("running"));
        if (code > 0) {
            status.put("phase", "Failed");
            ready(pod, status, "PodFailed", now);
        } else if (done && index + 1 == all.size()) {
            Condition.set(status, "Initialized", true, "", "", now);
        }
        return new Step(status, life.told(), done ? pace : life.again());
    }

    /// All containers take their next steps at once; the first with the sandbox, as the kubelet's one status after it
    /// has started what needs no init containers.
    ///
    /// @param newIp of the sandbox that is made now; empty where there is one
    private static Optional<Step> mainStep(
            ObjectNode pod, String newIp, Optional<Resize.Refusal> resize, Duration pace, Instant now) {
        ObjectNode status = start(pod);
        if (!newIp.isEmpty()) {
            sandbox(status, newIp, now);
        }
        var life = new ContainerLife(pod, pace, now);
        JsonNode before = PodView.of(pod).statuses(Kind.ORDINARY);
        ArrayNode all = Json.MAPPER.createArrayNode();
        for (ContainerView container : PodView.of(pod).spec().containers(Kind.ORDINARY)) {
            JsonNode tree = container.tree();
            all.add(life.next(
                    tree, before.path(container.index()), run -> Behavior.of(pod, tree, run, pace), policy(pod)));
        }
        var told = new ArrayList<Told>(Resize.apply(pod, before, all, status, resize, now));
        status.set(Kind.ORDINARY.statusField(), all);
        debugged(pod, status, life, pace);
        Condition.set(status, "Initialized", true, "", "", now);
        String phase = phase(all);
        status.put("phase", phase);
        switch (phase) {
            case "Succeeded" -> {
                Condition.set(status, "Initialized", true, "PodCompleted", "", now);
                ready(pod, status, "PodCompleted", now);
            }
            case "Failed" -> ready(pod, status, "PodFailed", now);
            default -> ready(pod, status, areReady(all) ? "" : "ContainersNotReady", now);
        }
        if (isSame(pod.path("status"), status)) {
            return life.again().isZero()
                    ? Optional.empty()
                    : Optional.of(new Step(Json.object(), List.of(), life.again()));
        }
        told.addAll(life.told());
        return Optional.of(new Step(status, told, life.again()));
    }

    /// Ephemeral containers run once, beside the others and whatever becomes of these.
    private static void debugged(ObjectNode pod, ObjectNode status, ContainerLife life, Duration pace) {
        if (PodView.of(pod).spec().count(Kind.EPHEMERAL) == 0) {
            return;
        }
        JsonNode before = PodView.of(pod).statuses(Kind.EPHEMERAL);
        ArrayNode all = Json.MAPPER.createArrayNode();
        for (ContainerView container : PodView.of(pod).spec().containers(Kind.EPHEMERAL)) {
            JsonNode tree = container.tree();
            ObjectNode next = life.next(
                    tree, named(before, container.name()), run -> Behavior.alone(pod, tree, run, pace), "Never");
            // nobody asks them
            all.add(next.put("ready", false));
        }
        status.set(Kind.EPHEMERAL.statusField(), all);
    }

    private static JsonNode named(JsonNode statuses, String name) {
        for (JsonNode status : statuses) {
            if (status.path("name").asText().equals(name)) {
                return status;
            }
        }
        return MissingNode.getInstance();
    }

    private static String policy(ObjectNode pod) {
        return pod.path("spec").path("restartPolicy").asText("Always");
    }

    /// Source: kubernetes `pkg/kubelet/kubelet_pods.go`, getPhase.
    private static String phase(ArrayNode containers) {
        boolean failed = false;
        for (JsonNode container : containers) {
            JsonNode state = container.path("state");
            boolean started = container.path("lastState").has("terminated");
            if (state.has("waiting") && !started) {
                return "Pending";
            }
            failed |= state.path("terminated").path("exitCode").asInt() != 0;
        }
        for (JsonNode container : containers) {
            if (!container.path("state").has("terminated")) {
                return "Running";
            }
        }
        return failed ? "Failed" : "Succeeded";
    }

    private static boolean areReady(ArrayNode containers) {
        for (JsonNode container : containers) {
            if (!container.path("ready").asBoolean()) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSame(JsonNode before, ObjectNode after) {
        for (String field : List.of(
                "phase",
                "observedGeneration",
                Kind.ORDINARY.statusField(),
                Kind.EPHEMERAL.statusField(),
                Condition.LIST)) {
            if (!before.path(field).equals(after.path(field))) {
                return false;
            }
        }
        return true;
    }

    /// The conditions and generation every step carries.
    private static ObjectNode start(ObjectNode pod) {
        ObjectNode status = Json.object();
        status.set(
                Condition.LIST,
                Condition.listOf(pod).isArray() ? Condition.listOf(pod).deepCopy() : Json.MAPPER.createArrayNode());
        if (Meta.generation(pod) > 0) {
            status.put("observedGeneration", (int) Meta.generation(pod));
        }
        return status;
    }

    private static void scheduled(ObjectNode status, Instant now) {
        Condition.set(status, "PodScheduled", true, "", "", now);
    }

    /// @param reason why the containers are not ready; empty when they are
    private static void ready(ObjectNode pod, ObjectNode status, String reason, Instant now) {
        boolean are = reason.isEmpty();
        String message =
                reason.equals("ContainersNotReady") ? "containers with unready status: " + unready(pod, status) : "";
        Condition.set(status, "ContainersReady", are, reason, message, now);
        if (are && !gatesOpen(pod)) {
            Condition.set(status, "Ready", false, "ReadinessGatesNotReady", "a readiness gate is not true", now);
        } else {
            Condition.set(status, "Ready", are, reason, message, now);
        }
    }

    private static boolean gatesOpen(ObjectNode pod) {
        for (JsonNode gate : pod.path("spec").path("readinessGates")) {
            if (!Condition.isTrue(pod, gate.path("conditionType").asText())) {
                return false;
            }
        }
        return true;
    }

    private static String unready(ObjectNode pod, ObjectNode status) {
        var names = new ArrayList<String>();
        JsonNode statuses = status.path(Kind.ORDINARY.statusField());
        for (ContainerView container : PodView.of(pod).spec().containers(Kind.ORDINARY)) {
            if (!statuses.path(container.index()).path("ready").asBoolean()) {
                names.add(container.name());
            }
        }
        return "[" + String.join(" ", names) + "]";
    }

    private interface State {
        ObjectNode of(String container);
    }

    private static ArrayNode containers(ObjectNode pod, Kind kind, State state, boolean ready, int restarts) {
        ArrayNode all = Json.MAPPER.createArrayNode();
        for (ContainerView container : PodView.of(pod).spec().containers(kind)) {
            String name = container.name();
            ObjectNode current = state.of(name);
            boolean created = !current.has("waiting");
            String id = Meta.uid(pod) + "-" + name + "-" + restarts;
            ObjectNode one = all.addObject().put("name", name);
            one.set("state", current);
            one.putObject("lastState");
            one.put("ready", ready).put("restartCount", restarts);
            one.put("image", container.image());
            one.put("imageID", created ? "insula://" + container.image() : "");
            if (created) {
                one.put("containerID", "containerd://" + id);
            }
            one.put("started", ready);
        }
        return all;
    }

    private static ObjectNode waiting(String reason) {
        ObjectNode state = Json.object();
        state.putObject("waiting").put("reason", reason);
        return state;
    }

    private static ObjectNode terminated(int code, String reason, Instant now) {
        ObjectNode state = Json.object();
        state.putObject("terminated")
                .put("exitCode", code)
                .put("reason", reason)
                .put("startedAt", Meta.timestamp(now))
                .put("finishedAt", Meta.timestamp(now));
        return state;
    }

    private static int initDone(ObjectNode pod) {
        int done = 0;
        int index = 0;
        for (JsonNode container : PodView.of(pod).statuses(Kind.INIT)) {
            JsonNode state = container.path("state");
            if (state.path("terminated").path("exitCode").asInt(-1) == 0
                    || (isSidecar(pod, index) && state.has("running"))) {
                done++;
            }
            index++;
        }
        return done;
    }

    private static boolean isSidecar(ObjectNode pod, int index) {
        return PodView.of(pod)
                .spec()
                .list(Kind.INIT)
                .path(index)
                .path("restartPolicy")
                .asText("")
                .toLowerCase(Locale.ROOT)
                .equals("always");
    }
}
