package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.ContainerId;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// What the probes say of the containers of one pod. Confined to the pod's thread; `changed` is called from any.
final class PodHealth implements AutoCloseable {

    private final NodeContext node;
    private final PodStop stop;
    private final Supplier<Pod> pod;
    private final Runnable changed;
    private final Map<String, ContainerHealth> health = new HashMap<>();

    /// @param pod as it is now, for Events
    /// @param changed called when a probe changed what is known
    PodHealth(NodeContext node, PodStop stop, Supplier<Pod> pod, Runnable changed) {
        this.node = node;
        this.stop = stop;
        this.pod = pod;
        this.changed = changed;
    }

    /// Stops those whose liveness or startup probe has given them up.
    void restartDead(PodView view) {
        for (Container container : view.all()) {
            ContainerHealth state = health.get(container.getName());
            if (state != null && state.isDead()) {
                state.close();
                health.remove(container.getName());
                String probe = state.isStarted() ? "liveness" : "startup";
                stop.stop(
                        view.pod(),
                        container,
                        state.id(),
                        Instant.now().plus(view.grace()),
                        "Container " + container.getName() + " failed " + probe + " probe, will be restarted");
            }
        }
    }

    /// One for each running container, none for another.
    void follow(PodView view) {
        String address = view.addresses(node.settings().facts().address()).pod().stream()
                .findFirst()
                .orElse(node.settings().facts().address());
        for (Container container : view.all()) {
            String name = container.getName();
            Optional<ContainerId> running = view.current(name)
                    .filter(c -> c.state() instanceof Running)
                    .map(io.insula.node.runtime.Container::id);
            ContainerHealth old = health.get(name);
            if (old != null && !running.equals(Optional.of(old.id()))) {
                old.close();
                health.remove(name);
            }
            if (running.isPresent() && !health.containsKey(name)) {
                health.put(
                        name,
                        new ContainerHealth(
                                container,
                                running.get(),
                                address,
                                node.probing(),
                                changed,
                                (probe, said) -> node.events()
                                        .warning(pod.get(), "Unhealthy", probe + " probe failed: " + said)));
            }
        }
    }

    boolean isStarted(PodView view, String name) {
        ContainerHealth state = health.get(name);
        return view.isRunning(name) && state != null && state.isStarted();
    }

    boolean isReady(PodView view, String name) {
        ContainerHealth state = health.get(name);
        return view.isRunning(name) && state != null && state.isReady();
    }

    /// Ends all probes.
    @Override
    public void close() {
        health.values().forEach(ContainerHealth::close);
        health.clear();
    }
}
