package io.insula.host.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Backoff;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/// The life of one container: from its last status to the next. Made for one look at a pod, used by one thread.
/// Source: Kubernetes, "Pod Lifecycle", container states and restarts.
final class ContainerLife {

    private static final Backoff RESTART = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(5));

    private final ObjectNode pod;
    private final Duration pace;
    private final Instant now;
    private final List<Told> told = new ArrayList<>();
    private Duration again = Duration.ZERO;

    /// An event of the pod.
    record Told(String type, String reason, String message) {}

    ContainerLife(ObjectNode pod, Duration pace, Instant now) {
        this.pod = pod;
        this.pace = pace;
        this.now = now;
    }

    List<Told> told() {
        return List.copyOf(told);
    }

    /// When something will happen by itself; zero for never.
    Duration again() {
        return again;
    }

    /// @param before its last status; may be missing
    /// @param behaviors what the container does, by how many runs came before
    /// @param policy Always, OnFailure or Never
    ObjectNode next(JsonNode container, JsonNode before, IntFunction<Behavior> behaviors, String policy) {
        JsonNode state = before.path("state");
        int restarts = before.path("restartCount").asInt();
        JsonNode last = before.path("lastState");
        if (state.has("terminated")) {
            return status(container, state, last, restarts);
        }
        Behavior behavior = behaviors.apply(restarts);
        if (state.has("running")) {
            return behavior instanceof Behavior.Ends ends
                    ? running(container, before, ends, behaviors, policy)
                    : status(container, state, last, restarts);
        }
        if (behavior instanceof Behavior.Missing missing) {
            return missing(container, state.path("waiting").path("reason").asText(""), missing, restarts);
        }
        if (state.path("waiting").path("reason").asText("").equals("CrashLoopBackOff")) {
            Instant due = Meta.time(last.path("terminated").path("finishedAt"))
                    .orElse(now)
                    .plus(backOff(restarts));
            if (due.isAfter(now)) {
                soon(Duration.between(now, due));
                return status(container, state, last, restarts);
            }
            return started(container, last, restarts + 1, behaviors.apply(restarts + 1));
        }
        return started(container, last, restarts, behavior);
    }

    private ObjectNode started(JsonNode container, JsonNode last, int restarts, Behavior behavior) {
        String name = container.path("name").asText();
        // told once: nothing was pulled or made before
        tell("Normal", "Started", "Started container " + name);
        if (behavior instanceof Behavior.Ends ends) {
            soon(ends.after());
        }
        ObjectNode state = Json.object();
        state.putObject("running").put("startedAt", Meta.timestamp(now));
        return status(container, state, last, restarts);
    }

    private ObjectNode running(
            JsonNode container, JsonNode before, Behavior.Ends ends, IntFunction<Behavior> behaviors, String policy) {
        int restarts = before.path("restartCount").asInt();
        JsonNode state = before.path("state");
        JsonNode last = before.path("lastState");
        Instant start = Meta.time(state.path("running").path("startedAt")).orElse(now);
        Instant due = start.plus(ends.after());
        if (due.isAfter(now)) {
            soon(Duration.between(now, due));
            return status(container, state, last, restarts);
        }
        ObjectNode end = Json.object();
        end.putObject("terminated")
                .put("exitCode", ends.code())
                .put("reason", ends.code() == 0 ? "Completed" : "Error")
                .put("startedAt", Meta.timestamp(start))
                .put("finishedAt", Meta.timestamp(now))
                .put("containerID", id(container, restarts));
        boolean restart = policy.equals("Always") || (policy.equals("OnFailure") && ends.code() != 0);
        if (!restart) {
            return status(container, end, last, restarts);
        }
        Duration wait = backOff(restarts);
        if (wait.isZero()) {
            return started(container, end, restarts + 1, behaviors.apply(restarts + 1));
        }
        soon(wait);
        String name = container.path("name").asText();
        String who = name + " in pod " + Meta.name(pod) + "_" + Meta.namespace(pod) + "(" + Meta.uid(pod) + ")";
        tell("Warning", "BackOff", "Back-off restarting failed container " + who);
        ObjectNode waiting = Json.object();
        waiting.putObject("waiting")
                .put("reason", "CrashLoopBackOff")
                .put(
                        "message",
                        "back-off " + go(wait) + " restarting failed container=" + name + " pod=" + Meta.name(pod) + "_"
                                + Meta.namespace(pod) + "(" + Meta.uid(pod) + ")");
        return status(container, waiting, end, restarts);
    }

    /// First the failure, then the back-off, in which it stays: no such image ever comes.
    private ObjectNode missing(JsonNode container, String reason, Behavior.Missing missing, int restarts) {
        String image = container.path("image").asText();
        String next = missing.reason();
        String message = missing.message();
        if (reason.equals("ErrImagePull") || reason.equals("ImagePullBackOff")) {
            next = "ImagePullBackOff";
            message = "Back-off pulling image \"" + image + "\": ErrImagePull: " + missing.message();
        } else if (next.equals("ErrImagePull")) {
            soon(pace.multipliedBy(2));
        }
        if (!reason.equals(next)) {
            tellMissing(image, next, missing.message());
        }
        ObjectNode state = Json.object();
        state.putObject("waiting").put("reason", next).put("message", message);
        return status(container, state, Json.object(), restarts);
    }

    private void tellMissing(String image, String reason, String message) {
        switch (reason) {
            case "InvalidImageName" -> tell("Warning", "InspectFailed", message);
            case "ErrImagePull" -> {
                tell("Normal", "Pulling", "Pulling image \"" + image + "\"");
                tell("Warning", "Failed", "Failed to pull image \"" + image + "\": " + message);
            }
            default -> tell("Normal", "BackOff", "Back-off pulling image \"" + image + "\"");
        }
        tell("Warning", "Failed", "Error: " + reason);
    }

    ObjectNode status(JsonNode container, JsonNode state, JsonNode last, int restarts) {
        boolean created = !state.has("waiting") || restarts > 0 || last.has("terminated");
        boolean running = state.has("running");
        String image = container.path("image").asText();
        ObjectNode status = Json.object().put("name", container.path("name").asText());
        status.set("state", state);
        status.set("lastState", last.isObject() ? last : Json.object());
        status.put("ready", running).put("restartCount", restarts);
        status.put("image", image).put("imageID", created ? "insula://" + image : "");
        if (created) {
            status.put("containerID", id(container, restarts));
        }
        return status.put("started", running);
    }

    private String id(JsonNode container, int restarts) {
        return "containerd://" + Meta.uid(pod) + "-" + container.path("name").asText() + "-" + restarts;
    }

    /// None before the first restart, then 10 s doubling to 5 min.
    private static Duration backOff(int restarts) {
        return restarts == 0 ? Duration.ZERO : RESTART.after(restarts);
    }

    private static String go(Duration duration) {
        long minutes = duration.toMinutes();
        return (minutes > 0 ? minutes + "m" : "") + duration.toSecondsPart() + "s";
    }

    private void soon(Duration wait) {
        Duration atLeast = wait.isPositive() ? wait : pace;
        again = again.isZero() || atLeast.compareTo(again) < 0 ? atLeast : again;
    }

    private void tell(String type, String reason, String message) {
        told.add(new Told(type, reason, message));
    }
}
