package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.runtime.Container;
import io.insula.node.runtime.Container.State.Exited;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.Sandbox;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A pod as it is meant and as the runtime has it. Immutable.
///
/// @param sandbox its newest, ready or not
/// @param containers of each name, the newest first
record PodView(Pod pod, Optional<Sandbox> sandbox, Map<String, List<Container>> containers) {
    PodView {
        containers = Map.copyOf(containers);
    }

    boolean hasReadySandbox() {
        return sandbox.map(Sandbox::isReady).orElse(false);
    }

    Optional<Container> newest(String name) {
        return containers.getOrDefault(name, List.of()).stream().findFirst();
    }

    /// The newest, where it belongs to the sandbox that is there now.
    Optional<Container> current(String name) {
        return newest(name)
                .filter(container ->
                        sandbox.map(s -> s.id().equals(container.sandbox())).orElse(false));
    }

    Optional<Exited> ended(String name) {
        return newest(name).filter(c -> c.state() instanceof Exited).map(c -> (Exited) c.state());
    }

    boolean isRunning(String name) {
        return current(name).map(c -> c.state() instanceof Running).orElse(false);
    }

    int nextAttempt(String name) {
        return newest(name).map(container -> container.attempt() + 1).orElse(0);
    }

    String policy() {
        String policy = pod.getSpec().getRestartPolicy();
        return policy == null ? "Always" : policy;
    }

    static boolean isSidecar(io.fabric8.kubernetes.api.model.Container container) {
        return "Always".equals(container.getRestartPolicy());
    }
}
