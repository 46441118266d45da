package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Probe;
import io.insula.node.machine.SteadyClock;
import io.insula.node.probe.ProbeResult;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.ContainerId;
import java.time.Duration;
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
                boolean started = state.isStarted();
                Probe failed = started ? container.getLivenessProbe() : container.getStartupProbe();
                stop.stop(
                        view.pod(),
                        container,
                        state.id(),
                        SteadyClock.now().plus(grace(view, failed)),
                        "Container " + container.getName() + " failed " + (started ? "liveness" : "startup")
                                + " probe, will be restarted");
            }
        }
    }

    /// The probe's own, where it has one.
    private static Duration grace(PodView view, Probe probe) {
        Long own = probe.getTerminationGracePeriodSeconds();
        return own == null ? view.grace() : PodView.seconds(own);
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
                        new ContainerHealth(container, running.get(), address, node.probing(), changed, this::tell));
            }
        }
    }

    private void tell(String probe, ProbeResult result) {
        switch (result) {
            case ProbeResult.Success(var warning) -> {
                if (!warning.isEmpty()) {
                    node.events().warning(pod.get(), "ProbeWarning", probe + " probe warning: " + warning);
                }
            }
            case ProbeResult.Failure(var message) ->
                node.events().warning(pod.get(), "Unhealthy", probe + " probe failed: " + message);
            case ProbeResult.Unknown(var message) ->
                node.events()
                        .warning(
                                pod.get(),
                                "Unhealthy",
                                probe + " probe errored and resulted in unknown state: " + message);
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
