package io.insula.tenantapi.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.objects.Conditions;
import io.insula.tenantapi.controllers.objects.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/// The life of a pod on a simulated node: from what it is to its next status. Pure.
/// Source: Kubernetes, "Pod Lifecycle"; the order of conditions is the kubelet's.
final class PodLife {

    /// Put on a pod to make its containers end with this code.
    static final String SIMULATE_EXIT = "insula.io/simulate-exit";

    private PodLife() {}

    /// @param status null fields are removed by the merge patch
    /// @param reason an event worth telling, or empty
    /// @param again when to look again; zero for not by itself
    record Step(ObjectNode status, String reason, Duration again) {}

    /// The next step, or nothing where the pod rests.
    ///
    /// @param podIp this pod's address
    /// @param pace how long a start or a run takes
    static Optional<Step> next(ObjectNode pod, String podIp, String hostIp, Duration pace, Instant now) {
        if (Pods.isTerminal(pod)) {
            return Optional.empty();
        }
        if (isOverdue(pod, now)) {
            return Optional.of(overdue(pod, now));
        }
        JsonNode status = pod.path("status");
        if (!status.hasNonNull("startTime")) {
            return Optional.of(creating(pod, hostIp, pace, now));
        }
        if (!status.hasNonNull("podIP")) {
            return Optional.of(sandboxed(pod, podIp, pace, now));
        }
        if (initDone(pod) < pod.path("spec").path("initContainers").size()) {
            return Optional.of(initStep(pod, pace, now));
        }
        if (!Pods.phase(pod).equals("Running")) {
            return Optional.of(running(pod, pace, now, 0));
        }
        return exitCode(pod).isPresent()
                ? exited(pod, exitCode(pod).getAsInt(), pace, now)
                : readinessChanged(pod, now);
    }

    /// When the pod's deadline is due; empty without one.
    static Optional<Duration> untilDeadline(ObjectNode pod, Instant now) {
        return deadline(pod).map(due -> due.isAfter(now) ? Duration.between(now, due) : Duration.ZERO);
    }

    private static Optional<Instant> deadline(ObjectNode pod) {
        long seconds = pod.path("spec").path("activeDeadlineSeconds").asLong();
        return seconds <= 0
                ? Optional.empty()
                : Conditions.time(pod.path("status").path("startTime")).map(start -> start.plusSeconds(seconds));
    }

    private static boolean isOverdue(ObjectNode pod, Instant now) {
        return deadline(pod).filter(due -> !due.isAfter(now)).isPresent();
    }

    private static Step overdue(ObjectNode pod, Instant now) {
        ObjectNode status = start(pod);
        status.put("phase", "Failed")
                .put("reason", "DeadlineExceeded")
                .put("message", "Pod was active on the node longer than the specified deadline");
        status.set("containerStatuses", containers(pod, "containers", name -> terminated(137, "Error", now), false, 0));
        ready(pod, status, false, now);
        return new Step(status, "DeadlineExceeded", Duration.ZERO);
    }

    private static Step creating(ObjectNode pod, String hostIp, Duration pace, Instant now) {
        ObjectNode status = start(pod);
        status.put("phase", "Pending").put("startTime", Meta.timestamp(now)).put("hostIP", hostIp);
        status.putArray("hostIPs").addObject().put("ip", hostIp);
        status.set("containerStatuses", containers(pod, "containers", name -> waiting("ContainerCreating"), false, 0));
        if (!pod.path("spec").path("initContainers").isEmpty()) {
            status.set(
                    "initContainerStatuses",
                    containers(pod, "initContainers", name -> waiting("PodInitializing"), false, 0));
        }
        Conditions.set(status, "PodReadyToStartContainers", false, "", "", now);
        boolean hasInit = !pod.path("spec").path("initContainers").isEmpty();
        Conditions.set(status, "Initialized", !hasInit, hasInit ? "ContainersNotInitialized" : "", "", now);
        ready(pod, status, false, now);
        scheduled(status, now);
        return new Step(status, "", pace);
    }

    private static Step sandboxed(ObjectNode pod, String podIp, Duration pace, Instant now) {
        ObjectNode status = start(pod);
        status.put("podIP", podIp);
        status.putArray("podIPs").addObject().put("ip", podIp);
        Conditions.set(status, "PodReadyToStartContainers", true, "", "", now);
        return new Step(status, "Pulled", pace);
    }

    private static Step initStep(ObjectNode pod, Duration pace, Instant now) {
        ObjectNode status = start(pod);
        int done = initDone(pod) + 1;
        ArrayNode containers = containers(pod, "initContainers", name -> waiting("PodInitializing"), false, 0);
        for (int i = 0; i < done; i++) {
            boolean sidecar = isSidecar(pod, i);
            ObjectNode one = (ObjectNode) containers.get(i);
            one.set("state", sidecar ? runningState(now) : terminated(0, "Completed", now));
            one.put("ready", true).put("started", sidecar);
        }
        status.set("initContainerStatuses", containers);
        if (done == containers.size()) {
            Conditions.set(status, "Initialized", true, "", "", now);
        }
        return new Step(status, "", pace);
    }

    private static Step running(ObjectNode pod, Duration pace, Instant now, int restarts) {
        ObjectNode status = start(pod);
        status.put("phase", "Running");
        status.set("containerStatuses", containers(pod, "containers", name -> runningState(now), true, restarts));
        Conditions.set(status, "Initialized", true, "", "", now);
        ready(pod, status, true, now);
        return new Step(status, "Started", exitCode(pod).isPresent() ? pace.multipliedBy(2) : Duration.ZERO);
    }

    private static Optional<Step> exited(ObjectNode pod, int code, Duration pace, Instant now) {
        int restarts = Pods.maxRestarts(pod);
        String policy = pod.path("spec").path("restartPolicy").asText("Always");
        boolean again = policy.equals("Always") || (policy.equals("OnFailure") && code != 0);
        JsonNode first = pod.path("status").path("containerStatuses").path(0).path("state");
        if (first.has("waiting")) {
            return Optional.of(running(pod, pace, now, restarts + 1));
        }
        ObjectNode status = start(pod);
        if (again) {
            status.set(
                    "containerStatuses",
                    containers(pod, "containers", name -> waiting("CrashLoopBackOff"), false, restarts));
            ready(pod, status, false, now);
            return Optional.of(new Step(status, "BackOff", backOff(restarts)));
        }
        status.put("phase", code == 0 ? "Succeeded" : "Failed");
        String reason = code == 0 ? "Completed" : "Error";
        status.set(
                "containerStatuses",
                containers(pod, "containers", name -> terminated(code, reason, now), false, restarts));
        ready(pod, status, false, now);
        return Optional.of(new Step(status, "", Duration.ZERO));
    }

    /// 10 s doubling to 5 min, as the kubelet's.
    private static Duration backOff(int restarts) {
        return Duration.ofSeconds(Math.min(300, 10L << Math.min(restarts, 10)));
    }

    /// Follows readiness gates, which others set.
    private static Optional<Step> readinessChanged(ObjectNode pod, Instant now) {
        ObjectNode status = start(pod);
        boolean before = Pods.isReady(pod);
        ready(pod, status, true, now);
        ObjectNode after = Json.object();
        after.set("status", status);
        return before == Pods.isReady(after) ? Optional.empty() : Optional.of(new Step(status, "", Duration.ZERO));
    }

    /// The conditions and generation every step carries.
    private static ObjectNode start(ObjectNode pod) {
        ObjectNode status = Json.object();
        status.set(
                "conditions",
                pod.path("status").path("conditions").isArray()
                        ? pod.path("status").path("conditions").deepCopy()
                        : Json.MAPPER.createArrayNode());
        if (Meta.generation(pod) > 0) {
            status.put("observedGeneration", (int) Meta.generation(pod));
        }
        return status;
    }

    private static void scheduled(ObjectNode status, Instant now) {
        Conditions.set(status, "PodScheduled", true, "", "", now);
    }

    private static void ready(ObjectNode pod, ObjectNode status, boolean containersReady, Instant now) {
        String reason = containersReady ? "" : "ContainersNotReady";
        String message = containersReady ? "" : "containers with unready status: [" + names(pod) + "]";
        Conditions.set(status, "ContainersReady", containersReady, reason, message, now);
        boolean gates = gatesOpen(pod);
        if (containersReady && !gates) {
            Conditions.set(status, "Ready", false, "ReadinessGatesNotReady", "a readiness gate is not true", now);
        } else {
            Conditions.set(status, "Ready", containersReady, reason, message, now);
        }
    }

    private static boolean gatesOpen(ObjectNode pod) {
        for (JsonNode gate : pod.path("spec").path("readinessGates")) {
            if (!Conditions.isTrue(pod, gate.path("conditionType").asText())) {
                return false;
            }
        }
        return true;
    }

    private static String names(ObjectNode pod) {
        var names = new StringBuilder();
        pod.path("spec")
                .path("containers")
                .forEach(c -> names.append(names.isEmpty() ? "" : " ")
                        .append(c.path("name").asText()));
        return names.toString();
    }

    private interface State {
        ObjectNode of(String container);
    }

    private static ArrayNode containers(ObjectNode pod, String field, State state, boolean ready, int restarts) {
        ArrayNode all = Json.MAPPER.createArrayNode();
        for (JsonNode container : pod.path("spec").path(field)) {
            String name = container.path("name").asText();
            ObjectNode current = state.of(name);
            boolean created = !current.has("waiting");
            String id = Meta.uid(pod) + "-" + name + "-" + restarts;
            ObjectNode one = all.addObject().put("name", name);
            one.set("state", current);
            one.putObject("lastState");
            one.put("ready", ready).put("restartCount", restarts);
            one.put("image", container.path("image").asText());
            one.put("imageID", created ? "insula://" + container.path("image").asText() : "");
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

    private static ObjectNode runningState(Instant now) {
        ObjectNode state = Json.object();
        state.putObject("running").put("startedAt", Meta.timestamp(now));
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
        for (JsonNode container : pod.path("status").path("initContainerStatuses")) {
            JsonNode state = container.path("state");
            if (state.has("terminated") || (isSidecar(pod, index) && state.has("running"))) {
                done++;
            }
            index++;
        }
        return done;
    }

    private static boolean isSidecar(ObjectNode pod, int index) {
        return pod.path("spec")
                .path("initContainers")
                .path(index)
                .path("restartPolicy")
                .asText("")
                .toLowerCase(Locale.ROOT)
                .equals("always");
    }

    private static OptionalInt exitCode(ObjectNode pod) {
        try {
            return OptionalInt.of(Integer.parseInt(
                    Meta.annotations(pod).getOrDefault(SIMULATE_EXIT, "").strip()));
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }
}
