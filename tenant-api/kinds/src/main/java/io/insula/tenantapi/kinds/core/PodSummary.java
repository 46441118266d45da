package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.view.Condition;

/// What a pod's container statuses come to, as `kubectl get pods` tells it.
/// Source: kubernetes `pkg/printers/internalversion`, `printPod`.
///
/// @param ready `1/2`
/// @param status a phase, or why the pod is not running
/// @param lastRestart RFC 3339; empty when nothing restarted
record PodSummary(String ready, String status, long restarts, String lastRestart) {

    static PodSummary of(JsonNode pod) {
        return new Reader(pod).read();
    }

    /// Confined to one call.
    private static final class Reader {
        private final JsonNode pod;
        private String reason;
        private long total;
        private long ready;
        private long restarts;
        private String lastRestart = "";
        private long sidecarRestarts;
        private String sidecarLastRestart = "";

        Reader(JsonNode pod) {
            this.pod = pod;
            String given = pod.path("status").path("reason").asText("");
            this.reason = given.isEmpty() ? pod.path("status").path("phase").asText("") : given;
            this.total = pod.path("spec").path("containers").size();
        }

        PodSummary read() {
            if (isGated()) {
                reason = "SchedulingGated";
            }
            boolean initializing = readInitContainers();
            if (!initializing || Condition.isTrue(pod, "Initialized")) {
                readContainers(initializing);
            }
            if (Meta.isBeingDeleted(pod)) {
                String phase = pod.path("status").path("phase").asText("");
                if (pod.path("status").path("reason").asText("").equals("NodeLost")) {
                    reason = "Unknown";
                } else if (!phase.equals("Failed") && !phase.equals("Succeeded")) {
                    reason = "Terminating";
                }
            }
            return new PodSummary(ready + "/" + total, reason, restarts, lastRestart);
        }

        private boolean isGated() {
            JsonNode condition = Fields.find(pod.path("status").path("conditions"), "type", "PodScheduled");
            return condition.path("reason").asText("").equals("SchedulingGated");
        }

        /// Whether the pod is still in its init containers.
        private boolean readInitContainers() {
            JsonNode specs = pod.path("spec").path("initContainers");
            specs.forEach(c -> total += isSidecar(c) ? 1 : 0);
            int i = 0;
            for (JsonNode container : pod.path("status").path("initContainerStatuses")) {
                JsonNode spec =
                        Fields.find(specs, "name", container.path("name").asText());
                restarts += container.path("restartCount").asLong();
                lastRestart = later(lastRestart, container);
                if (isSidecar(spec)) {
                    sidecarRestarts += container.path("restartCount").asLong();
                    sidecarLastRestart = later(sidecarLastRestart, container);
                }
                JsonNode state = container.path("state");
                boolean finished = state.path("terminated").isObject()
                        && state.path("terminated").path("exitCode").asInt() == 0;
                boolean sidecarRuns =
                        isSidecar(spec) && container.path("started").asBoolean();
                if (sidecarRuns && container.path("ready").asBoolean()) {
                    ready++;
                }
                if (!finished && !sidecarRuns) {
                    reason = initReason(state, i, specs.size());
                    return true;
                }
                i++;
            }
            return false;
        }

        private static String initReason(JsonNode state, int index, int count) {
            JsonNode terminated = state.path("terminated");
            if (terminated.isObject()) {
                String why = terminated.path("reason").asText("");
                return "Init:" + (why.isEmpty() ? exit(terminated) : why);
            }
            String waiting = state.path("waiting").path("reason").asText("");
            return waiting.isEmpty() || waiting.equals("PodInitializing")
                    ? "Init:" + index + "/" + count
                    : "Init:" + waiting;
        }

        private void readContainers(boolean initializing) {
            restarts = sidecarRestarts;
            lastRestart = sidecarLastRestart;
            boolean anyRunning = false;
            JsonNode all = pod.path("status").path("containerStatuses");
            for (int i = all.size() - 1; i >= 0; i--) {
                JsonNode container = all.path(i);
                restarts += container.path("restartCount").asLong();
                lastRestart = later(lastRestart, container);
                JsonNode state = container.path("state");
                String waiting = state.path("waiting").path("reason").asText("");
                JsonNode terminated = state.path("terminated");
                if (!waiting.isEmpty()) {
                    reason = waiting;
                } else if (terminated.isObject()) {
                    String why = terminated.path("reason").asText("");
                    reason = why.isEmpty() ? exit(terminated) : why;
                } else if (container.path("ready").asBoolean()
                        && state.path("running").isObject()) {
                    anyRunning = true;
                    ready++;
                }
            }
            if (reason.equals("Completed") && anyRunning && !initializing) {
                reason = Condition.isTrue(pod, "Ready") ? "Running" : "NotReady";
            }
        }

        private static String exit(JsonNode terminated) {
            int signal = terminated.path("signal").asInt();
            return signal != 0
                    ? "Signal:" + signal
                    : "ExitCode:" + terminated.path("exitCode").asInt();
        }

        private static boolean isSidecar(JsonNode spec) {
            return spec.path("restartPolicy").asText("").equals("Always");
        }

        /// RFC 3339 times of one form compare as texts.
        private static String later(String known, JsonNode container) {
            String last = container
                    .path("lastState")
                    .path("terminated")
                    .path("finishedAt")
                    .asText("");
            return last.compareTo(known) > 0 ? last : known;
        }
    }
}
