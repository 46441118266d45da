package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.RuntimeFailure;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;

/// Ends containers as the kubelet does: pre-stop hook, TERM, and KILL when the grace is over; the ordinary ones at
/// once,
/// then the sidecars, the last one first. Stateless.
final class PodStop {

    private final NodeContext node;

    PodStop(NodeContext node) {
        this.node = node;
    }

    /// Returns when all have ended and the sandbox is stopped.
    void stop(PodView view, Duration grace) {
        Instant deadline = Instant.now().plus(grace);
        Pod pod = view.pod();
        try (var executor = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("insula-stop ", 0).factory())) {
            pod.getSpec().getContainers().stream()
                    .filter(c -> view.isRunning(c.getName()))
                    .forEach(c -> executor.execute(() -> stop(view, c, deadline)));
            pod.getSpec().getInitContainers().stream()
                    .filter(c -> !PodView.isSidecar(c) && view.isRunning(c.getName()))
                    .forEach(c -> executor.execute(() -> stop(view, c, deadline)));
        }
        List<Container> sidecars = pod.getSpec().getInitContainers().stream()
                .filter(c -> PodView.isSidecar(c) && view.isRunning(c.getName()))
                .toList()
                .reversed();
        sidecars.forEach(c -> stop(view, c, deadline));
        view.sandbox().ifPresent(sandbox -> node.runtime().stopSandbox(sandbox.id()));
    }

    private void stop(PodView view, Container container, Instant deadline) {
        view.current(container.getName())
                .ifPresent(found ->
                        stop(view.pod(), container, found.id(), deadline, "Stopping container " + container.getName()));
    }

    void stop(Pod pod, Container container, ContainerId id, Instant deadline, String why) {
        node.events().normal(pod, "Killing", why);
        if (container.getLifecycle() != null && container.getLifecycle().getPreStop() != null) {
            run(pod, container, id, container.getLifecycle().getPreStop(), "FailedPreStopHook", left(deadline));
        }
        node.runtime().stopContainer(id, left(deadline));
    }

    /// @return whether it did what it should
    boolean run(Pod pod, Container container, ContainerId id, LifecycleHandler hook, String failure, Duration within) {
        try {
            if (hook.getExec() != null) {
                var result = node.runtime().exec(id, hook.getExec().getCommand(), within.plusSeconds(1));
                if (result.exitCode() != 0) {
                    node.events()
                            .warning(
                                    pod,
                                    failure,
                                    "command '"
                                            + String.join(" ", hook.getExec().getCommand()) + "' exited with "
                                            + result.exitCode() + ": "
                                            + new String(result.stderr(), StandardCharsets.UTF_8));
                    return false;
                }
            } else if (hook.getSleep() != null) {
                long seconds = Math.min(hook.getSleep().getSeconds(), within.toSeconds());
                Thread.sleep(Duration.ofSeconds(seconds));
            } else {
                node.events().warning(pod, failure, "a hook of a kind that this node does not serve");
                return false;
            }
            return true;
        } catch (RuntimeFailure e) {
            node.events().warning(pod, failure, String.valueOf(e.getMessage()));
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Duration left(Instant deadline) {
        Duration left = Duration.between(Instant.now(), deadline);
        return left.isNegative() ? Duration.ZERO : left;
    }
}
