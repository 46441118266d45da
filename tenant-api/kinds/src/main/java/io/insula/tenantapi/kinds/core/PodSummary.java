package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodView;
import java.util.HashSet;

/// What a pod's container statuses come to, as `kubectl get pods` tells it.
/// Source: kubernetes `pkg/printers/internalversion`, `printPod`.
///
/// @param ready `1/2`
/// @param status a phase, or why the pod is not running
/// @param lastRestart RFC 3339; empty when nothing restarted
record PodSummary(String ready, String status, long restarts, String lastRestart) {

    static PodSummary of(JsonNode pod) {
        return new Reader(PodView.of(pod)).read();
    }

    /// Confined to one call.
    private static final class Reader {
        private final PodView pod;
        private String reason;
        private long total;
        private long ready;
        private long restarts;
        private String lastRestart = "";
        private long sidecarRestarts;
        private String sidecarLastRestart = "";

        Reader(PodView pod) {
            this.pod = pod;
            this.reason = pod.reason().isEmpty() ? pod.phase() : pod.reason();
            this.total = pod.spec().count(Kind.ORDINARY);
        }

        PodSummary read() {
            if (isGated()) {
                reason = "SchedulingGated";
            }
            boolean initializing = readInitContainers();
            if (!initializing || pod.condition("Initialized").isTrue()) {
                readContainers(initializing);
            }
            if (Meta.isBeingDeleted(pod.tree())) {
                if (pod.reason().equals("NodeLost")) {
                    reason = "Unknown";
                } else if (!pod.isTerminal()) {
                    reason = "Terminating";
                }
            }
            return new PodSummary(ready + "/" + total, reason, restarts, lastRestart);
        }

        private boolean isGated() {
            return pod.condition("PodScheduled").reason().equals("SchedulingGated");
        }

        /// Whether the pod is still in its init containers.
        private boolean readInitContainers() {
            var sidecars = new HashSet<String>();
            for (ContainerView spec : pod.spec().containers(Kind.INIT)) {
                if (spec.isSidecar()) {
                    total++;
                    sidecars.add(spec.name());
                }
            }
            int i = 0;
            for (JsonNode container : pod.statuses(Kind.INIT)) {
                boolean sidecar = sidecars.contains(container.path("name").asText(""));
                restarts += container.path("restartCount").asLong();
                lastRestart = later(lastRestart, container);
                if (sidecar) {
                    sidecarRestarts += container.path("restartCount").asLong();
                    sidecarLastRestart = later(sidecarLastRestart, container);
                }
                JsonNode state = container.path("state");
                boolean finished = state.path("terminated").isObject()
                        && state.path("terminated").path("exitCode").asInt() == 0;
                boolean sidecarRuns = sidecar && container.path("started").asBoolean();
                if (sidecarRuns && container.path("ready").asBoolean()) {
                    ready++;
                }
                if (!finished && !sidecarRuns) {
                    reason = initReason(state, i, pod.spec().count(Kind.INIT));
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
            JsonNode all = pod.statuses(Kind.ORDINARY);
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
                reason = pod.isReady() ? "Running" : "NotReady";
            }
        }

        private static String exit(JsonNode terminated) {
            int signal = terminated.path("signal").asInt();
            return signal != 0
                    ? "Signal:" + signal
                    : "ExitCode:" + terminated.path("exitCode").asInt();
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
