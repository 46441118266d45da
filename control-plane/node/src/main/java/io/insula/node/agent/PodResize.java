package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.insula.node.agent.PodStatuses.Why;
import io.insula.node.agent.ResizePlan.Change;
import io.insula.node.machine.SteadyClock;
import io.insula.node.pod.Resourcing;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.ContainerUsage;
import io.insula.node.runtime.Resources;
import io.insula.node.runtime.RuntimeFailure;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Gives a running pod other resources. Confined to the pod's thread, but for [#isPending].
final class PodResize {

    private final NodeContext node;
    private final PodStop stop;
    private final Holdings holdings;
    private volatile Optional<Why> pending = Optional.empty();
    private Optional<Why> inProgress = Optional.empty();

    PodResize(NodeContext node, PodStop stop, Holdings holdings) {
        this.node = node;
        this.stop = stop;
        this.holdings = holdings;
    }

    /// Why it has not been given what is wanted.
    Optional<Why> pending() {
        return pending;
    }

    /// Why what it was given is not in force.
    Optional<Why> inProgress() {
        return inProgress;
    }

    /// From any thread.
    boolean isPending() {
        return pending.isPresent();
    }

    void bringOn(PodView view) {
        ResizePlan plan = ResizePlan.decide(
                view,
                holdings,
                Admission.amounts(node.settings().capacity()),
                Admission.held(node.neighbours().besides(view.pod())));
        switch (plan) {
            case ResizePlan.Nothing _ -> {
                pending = Optional.empty();
                inProgress = Optional.empty();
            }
            case ResizePlan.Refuse(var reason, var message) -> {
                var why = new Why(reason, message);
                if (!pending.equals(Optional.of(why))) {
                    node.events().warning(view.pod(), "Resize" + reason, message);
                }
                pending = Optional.of(why);
            }
            case ResizePlan.Give(var changes) -> {
                pending = Optional.empty();
                give(view, changes);
            }
        }
    }

    /// Room for all first, then what each may take, then as much room as is needed: at no time do the containers'
    /// bounds go beyond the pod's, which the kernel refuses.
    private void give(PodView view, List<Change> changes) {
        try {
            PodGroup.widen(holdings.held(view), view.pod(), node.settings());
            for (Change change : changes) {
                give(view, change);
            }
            PodGroup.bound(view.pod(), node.settings());
            inProgress = Optional.empty();
            node.events().normal(view.pod(), "ResizeCompleted", "Pod resize completed");
        } catch (RuntimeFailure.Unavailable e) {
            throw e;
        } catch (RuntimeFailure | IOException e) {
            var why = new Why("Error", String.valueOf(e.getMessage()));
            if (!inProgress.equals(Optional.of(why))) {
                node.events().warning(view.pod(), "ResizeError", why.message());
            }
            inProgress = Optional.of(why);
        }
    }

    private void give(PodView view, Change change) throws IOException {
        Container container = change.container();
        ResourceRequirements wanted = Holdings.wanted(container);
        Optional<ContainerId> running = view.current(container.getName())
                .filter(c -> c.state() instanceof Running)
                .map(io.insula.node.runtime.Container::id);
        if (running.isPresent() && change.restarts()) {
            stop.stop(
                    view.pod(),
                    container,
                    running.get(),
                    SteadyClock.now().plus(view.grace()),
                    "Container " + container.getName() + " resize requires restart");
        } else if (running.isPresent()) {
            Pod pod = view.pod();
            Resources resources =
                    Resourcing.of(pod, container, node.settings().facts().machineBytes());
            requireRoom(running.get(), resources);
            node.runtime().updateResources(running.get(), resources.unbounded());
        }
        holdings.give(container, wanted);
    }

    /// A container that uses more than it is to have would be killed for it, or not, by the kernel's version.
    private void requireRoom(ContainerId id, Resources resources) throws IOException {
        if (resources.memoryLimitBytes() == 0) {
            return;
        }
        long used = node.runtime().usage().stream()
                .filter(usage -> usage.id().equals(id))
                .mapToLong(ContainerUsage::workingSetBytes)
                .findFirst()
                .orElse(0);
        if (used > resources.memoryLimitBytes()) {
            throw new IOException("attempting to set container memory limit (" + resources.memoryLimitBytes()
                    + ") below current usage (" + used + ")");
        }
    }

    /// What a container has now, for its status.
    ResourceRequirements holds(PodView view, Container container) {
        return holdings.of(view, container);
    }
}
