package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.insula.node.runtime.Container.State.Created;
import io.insula.node.runtime.Container.State.Exited;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.Container.State.Unknown;
import io.insula.reconcile.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// What is to be done next for a pod that shall run. Pure.
///
/// Source: Kubernetes, "Pod Lifecycle", "Init Containers", "Sidecar Containers"; the kubelet's `computePodActions`.
sealed interface PodPlan {

    /// Of containers that end again and again. Source: Kubernetes, "Pod Lifecycle", how Pods handle problems with
    /// containers.
    Backoff RESTART = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(5));

    /// Nothing until something changes, or until `at`.
    record Idle(Optional<Instant> at) implements PodPlan {}

    /// @param attempt how many the pod had before
    record StartSandbox(int attempt) implements PodPlan {}

    record StartContainers(List<Container> containers) implements PodPlan {
        public StartContainers {
            containers = List.copyOf(containers);
        }
    }

    /// All has ended that should: the pod's phase is final.
    record Finish(String phase) implements PodPlan {}

    /// @param isStarted whether a running container, by name, has passed its startup probe
    static PodPlan decide(PodView view, Predicate<String> isStarted, Instant now) {
        var spec = view.pod().getSpec();
        Optional<String> phase = finalPhase(view);
        if (phase.isPresent()) {
            return new Finish(phase.get());
        }
        if (!view.hasReadySandbox()) {
            boolean ran = spec.getContainers().stream()
                    .anyMatch(c -> view.newest(c.getName()).isPresent());
            if (view.policy().equals("Never") && ran) {
                return new Finish("Failed");
            }
            return new StartSandbox(
                    view.sandbox().map(s -> s.name().attempt() + 1).orElse(0));
        }
        var starts = new ArrayList<Container>();
        var wakes = new ArrayList<Instant>();
        view.ephemeral().stream().filter(c -> isUnstarted(view, c)).forEach(starts::add);
        boolean initialized = spec.getContainers().stream()
                .anyMatch(c -> view.current(c.getName()).isPresent());
        for (Container init : spec.getInitContainers()) {
            boolean sidecar = PodView.isSidecar(init);
            if (initialized && !sidecar) {
                continue;
            }
            if (view.isRunning(init.getName())) {
                if (sidecar && (initialized || isStarted.test(init.getName()))) {
                    continue;
                }
                return next(starts, wakes);
            }
            Optional<Exited> end =
                    view.current(init.getName()).isPresent() ? view.ended(init.getName()) : Optional.empty();
            if (!sidecar && end.map(e -> e.code() == 0).orElse(false)) {
                continue;
            }
            restart(view, init, now, starts, wakes);
            if (!initialized) {
                return next(starts, wakes);
            }
        }
        for (Container container : spec.getContainers()) {
            if (needsStart(view, container)) {
                restart(view, container, now, starts, wakes);
            }
        }
        return next(starts, wakes);
    }

    private static PodPlan next(List<Container> starts, List<Instant> wakes) {
        return starts.isEmpty() ? new Idle(wakes.stream().min(Instant::compareTo)) : new StartContainers(starts);
    }

    private static void restart(
            PodView view, Container container, Instant now, List<Container> starts, List<Instant> wakes) {
        Instant due = due(view, container.getName(), now);
        if (due.isAfter(now)) {
            wakes.add(due);
        } else {
            starts.add(container);
        }
    }

    /// An ephemeral container runs once, whatever becomes of it or of its sandbox.
    private static boolean isUnstarted(PodView view, Container container) {
        return view.newest(container.getName())
                .map(found -> found.state() instanceof Created)
                .orElse(true);
    }

    private static boolean needsStart(PodView view, Container container) {
        var current = view.current(container.getName());
        if (current.isEmpty()) {
            return view.ended(container.getName())
                    .map(end -> restarts(view.policy(), end.code()))
                    .orElse(true);
        }
        return switch (current.get().state()) {
            case Created _, Unknown _ -> true;
            case Exited end -> restarts(view.policy(), end.code());
            case Running _ -> false;
        };
    }

    static boolean restarts(String policy, int code) {
        return policy.equals("Always") || (policy.equals("OnFailure") && code != 0);
    }

    /// When the next start of a container may come: at once for the first two, later and later after. At once, too, for
    /// one that ended in the future, as the clock has been set back since: nobody knows how long it has waited.
    static Instant due(PodView view, String name, Instant now) {
        return view.newest(name)
                .flatMap(container -> view.ended(name)
                        .filter(end -> !end.finishedAt().isAfter(now))
                        .map(end -> end.finishedAt().plus(backOff(container.attempt(), end))))
                .orElse(Instant.MIN);
    }

    /// @param attempt of the container that ended, 0 for the first
    static Duration backOff(int attempt, Exited end) {
        boolean lived = Duration.between(end.startedAt(), end.finishedAt())
                        .compareTo(RESTART.longest().multipliedBy(2))
                > 0;
        return attempt == 0 || lived ? Duration.ZERO : RESTART.after(attempt);
    }

    /// Sidecars do not count: they end with the rest.
    private static Optional<String> finalPhase(PodView view) {
        var spec = view.pod().getSpec();
        if (view.policy().equals("Never")) {
            for (Container init : spec.getInitContainers()) {
                if (!PodView.isSidecar(init)
                        && view.ended(init.getName()).map(e -> e.code() != 0).orElse(false)) {
                    return Optional.of("Failed");
                }
            }
        }
        boolean failed = false;
        for (Container container : spec.getContainers()) {
            Optional<Exited> end = view.ended(container.getName());
            if (end.isEmpty() || restarts(view.policy(), end.get().code())) {
                return Optional.empty();
            }
            failed |= end.get().code() != 0;
        }
        return Optional.of(failed ? "Failed" : "Succeeded");
    }
}
