package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.machine.SteadyClock;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.ExecResult;
import io.insula.node.runtime.RuntimeFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends the containers of one pod as the kubelet does: pre-stop hook, TERM, and KILL when the grace is over; the
/// ordinary ones at once, then the sidecars, the last one first. [#by] comes from any thread, all else from the pod's.
final class PodStop {

    private static final Logger LOG = LoggerFactory.getLogger(PodStop.class);
    private static final String THREAD = "insula-stop ";

    private final NodeContext node;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /// When all must have ended, whatever each was given. Guarded by the lock.
    private Instant latest = Instant.MAX;
    /// Those that have been told to end and may still have time. Guarded by the lock.
    private final Set<ContainerId> ending = new HashSet<>();

    PodStop(NodeContext node) {
        this.node = node;
    }

    /// The pod is to have ended by then: a hook after start is waited for no longer, one before stop until then, and
    /// containers that were given longer are killed then.
    void by(Instant deadline) {
        List<ContainerId> late;
        lock.lock();
        try {
            if (!deadline.isBefore(latest)) {
                return;
            }
            latest = deadline;
            late = List.copyOf(ending);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        late.forEach(id -> Thread.ofVirtual().name(THREAD + id).start(() -> hasten(id)));
    }

    private void hasten(ContainerId id) {
        try {
            node.runtime().stopContainer(id, left(Instant.MAX));
        } catch (RuntimeFailure e) {
            LOG.atWarn().addKeyValue("container", id).setCause(e).log("cannot end a container sooner");
        }
    }

    /// Returns when all have ended and the sandbox is stopped.
    void stop(PodView view, Duration grace) {
        Instant deadline = SteadyClock.now().plus(grace);
        Pod pod = view.pod();
        try (var executor = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name(THREAD, 0).factory())) {
            pod.getSpec().getContainers().stream()
                    .filter(c -> view.isRunning(c.getName()))
                    .forEach(c -> executor.execute(() -> stop(view, c, deadline)));
            pod.getSpec().getInitContainers().stream()
                    .filter(c -> !PodView.isSidecar(c) && view.isRunning(c.getName()))
                    .forEach(c -> executor.execute(() -> stop(view, c, deadline)));
            view.ephemeral().stream()
                    .filter(c -> view.isRunning(c.getName()))
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
        begin(id);
        try {
            if (container.getLifecycle() != null && container.getLifecycle().getPreStop() != null) {
                if (!run(pod, container, id, container.getLifecycle().getPreStop(), () -> earlier(deadline, latest))) {
                    node.events().warning(pod, "FailedPreStopHook", "PreStopHook failed");
                }
            }
            node.runtime().stopContainer(id, left(deadline));
        } finally {
            end(id);
        }
    }

    /// Runs the hook after start, which may take as long as it likes, but not into the pod's end.
    ///
    /// @return whether it did what it should; if not, an Event says why
    boolean started(Pod pod, Container container, ContainerId id) {
        boolean heard = run(
                pod,
                container,
                id,
                container.getLifecycle().getPostStart(),
                () -> latest.equals(Instant.MAX) ? Instant.MAX : Instant.MIN);
        if (!heard) {
            node.events().warning(pod, "FailedPostStartHook", "PostStartHook failed");
        }
        return heard;
    }

    /// @param until asked with the lock held, again whenever it may have changed
    ///
    /// Why one fails goes into our log, not into Events: who may read these need not know what the hook says.
    private boolean run(Pod pod, Container container, ContainerId id, LifecycleHandler hook, Supplier<Instant> until) {
        try {
            Optional<String> problem = problem(pod, container, id, hook, until);
            problem.ifPresent(why -> LOG.atInfo()
                    .addKeyValue("container", id)
                    .addKeyValue("problem", why)
                    .log("a hook failed"));
            return problem.isEmpty();
        } catch (RuntimeFailure e) {
            LOG.atInfo().addKeyValue("container", id).setCause(e).log("a hook failed");
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Optional<String> problem(
            Pod pod, Container container, ContainerId id, LifecycleHandler hook, Supplier<Instant> until)
            throws InterruptedException {
        if (hook.getSleep() != null) {
            Instant end = SteadyClock.now().plus(PodView.seconds(hook.getSleep().getSeconds()));
            awaits(new CompletableFuture<>(), () -> earlier(end, until.get()));
            return Optional.empty();
        }
        if (hook.getHttpGet() != null) {
            return request(pod, container, hook.getHttpGet(), until);
        }
        if (hook.getExec() == null) {
            return Optional.of("invalid handler");
        }
        List<String> command = hook.getExec().getCommand();
        var run = CompletableFuture.supplyAsync(
                () -> node.runtime().exec(id, command, PodView.FOR_EVER),
                task -> Thread.ofVirtual().name("insula-hook " + id).start(task));
        String called = "command '" + String.join(" ", command) + "' ";
        if (!awaits(run, until)) {
            return Optional.of(called + "did not end in time");
        }
        ExecResult result = result(run);
        return result.exitCode() == 0
                ? Optional.empty()
                : Optional.of(called + "exited with " + result.exitCode() + ": "
                        + new String(result.stderr(), StandardCharsets.UTF_8));
    }

    private Optional<String> request(Pod pod, Container container, HTTPGetAction action, Supplier<Instant> until)
            throws InterruptedException {
        try (var hook = new HttpHook(node, pod, container, action)) {
            var run = CompletableFuture.supplyAsync(
                    hook::run,
                    task -> Thread.ofVirtual()
                            .name("insula-hook " + container.getName())
                            .start(task));
            return awaits(run, until) ? run.join() : Optional.of("nobody answered in time");
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static ExecResult result(CompletableFuture<ExecResult> run) {
        try {
            return run.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeFailure failure ? failure : e;
        }
    }

    /// @return whether it was done in time
    private boolean awaits(CompletableFuture<?> what, Supplier<Instant> until) throws InterruptedException {
        var _ = what.whenComplete((_, _) -> signal());
        lock.lock();
        try {
            while (!what.isDone()) {
                Duration left = left(until.get());
                if (left.isZero()) {
                    return false;
                }
                var _ = changed.awaitNanos(left.toNanos());
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void begin(ContainerId id) {
        lock.lock();
        try {
            ending.add(id);
        } finally {
            lock.unlock();
        }
    }

    private void end(ContainerId id) {
        lock.lock();
        try {
            ending.remove(id);
        } finally {
            lock.unlock();
        }
    }

    private Duration left(Instant deadline) {
        lock.lock();
        try {
            Instant until = earlier(deadline, latest);
            Instant now = SteadyClock.now();
            if (!until.isAfter(now)) {
                return Duration.ZERO;
            }
            return until.isBefore(now.plus(PodView.FOR_EVER)) ? Duration.between(now, until) : PodView.FOR_EVER;
        } finally {
            lock.unlock();
        }
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
