package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.node.agent.Admission.Rejection;
import io.insula.node.agent.PodStatuses.Verdict;
import io.insula.node.machine.SteadyClock;
import io.insula.node.machine.Trees;
import io.insula.node.pod.SandboxSpecs;
import io.insula.node.runtime.Sandbox;
import io.insula.node.server.NodePods.NodePod;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.Meta;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// One pod, from its sandbox to its end. All state but back-off of images and the age of volumes is read anew from the
/// runtime and the API server, so that it may end anywhere and go on in another process. [#reconcile] is the agent's
/// loop's, one at a time; [#update], [#delete] and [#wake] come from any thread: while it waits for containers to end,
/// the pod's end may be asked for sooner.
final class PodWorker {

    /// After a failure.
    static final Duration RETRY = Duration.ofSeconds(3);

    private static final Duration RESYNC = Duration.ofSeconds(30);
    private static final String EVICTED = "Evicted";
    /// The kubelet's, where its node runs short.
    private static final Duration EVICTION_GRACE = Duration.ofSeconds(1);

    private final NodeContext node;
    private final Runnable look;
    private final Runnable ended;
    private final AtomicBoolean woken = new AtomicBoolean();
    private final PodStop stop;
    private final PodHealth health;
    private final PodMounts mounts;
    private final SandboxStart sandbox;
    private final ContainerStart start;
    private final PodReport report;
    private final PodResize resize;
    private final AtomicReference<Pod> current;
    private volatile boolean deleted;
    private volatile @Nullable String eviction;
    private Duration pause = RESYNC;

    /// @param look has [#reconcile] called soon; does not block
    /// @param ended called once nothing is left of the pod
    PodWorker(NodeContext node, Pod pod, Runnable look, Runnable ended) {
        this.node = node;
        this.look = look;
        this.current = new AtomicReference<>(pod);
        this.ended = ended;
        this.stop = new PodStop(node);
        this.health = new PodHealth(node, stop, current::get, this::wake);
        this.mounts = new PodMounts(
                node.volumes(),
                node.settings(),
                (of, said) -> node.events().warning(of, "FailedMount", said),
                SteadyClock.ofThisProcess());
        var holdings = new Holdings();
        this.sandbox = new SandboxStart(node, stop, mounts);
        this.start = new ContainerStart(node, stop, mounts, holdings);
        this.resize = new PodResize(node, stop, holdings);
        this.report = new PodReport(node, health, resize, current);
    }

    void update(Pod newer) {
        current.set(newer);
        if (newer.getMetadata().getDeletionTimestamp() != null) {
            stop.by(SteadyClock.now().plus(PodView.leave(newer)));
        }
        wake();
    }

    /// The API server has it no more.
    void delete() {
        deleted = true;
        stop.by(SteadyClock.now());
        wake();
    }

    void wake() {
        woken.set(true);
        look.run();
    }

    /// Another pod has gone: what it held may be what this one waits for.
    void wakeIfWaiting() {
        if (resize.isPending()) {
            wake();
        }
    }

    /// Has the pod give way for good. From any thread; the first reason stays.
    void evict(String message) {
        if (eviction == null) {
            eviction = message;
            stop.by(SteadyClock.now().plus(EVICTION_GRACE));
            wake();
        }
    }

    /// Whether it has been told to give way and has not yet. From any thread.
    boolean isEvicting() {
        return eviction != null && isActive();
    }

    /// Whether it has not ended. From any thread.
    boolean isActive() {
        return !report.isOver();
    }

    /// As it is meant. From any thread.
    Pod pod() {
        return current.get();
    }

    /// As the node's server needs it. From any thread.
    NodePod nodePod() {
        PodView view = report.seen();
        return new NodePod(
                current.get(),
                view.sandbox().map(Sandbox::id),
                view.containers().values().stream().flatMap(List::stream).toList());
    }

    /// Ends the worker, not the pod; when nothing reconciles any more.
    void close() {
        health.close();
    }

    /// Brings the pod on as far as it goes now.
    Outcome reconcile() {
        if (!woken.getAndSet(false)) {
            // whatever others have made of the status meanwhile
            report.forget();
        }
        pause = RESYNC;
        try {
            return sync() ? Outcome.SETTLED : Outcome.after(pause, "what becomes of its containers");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @return whether nothing is left
    private boolean sync() throws IOException {
        PodView view = PodView.observe(node.runtime(), current.get());
        if (deleted) {
            stop.stop(view, Duration.ZERO);
            cleanUp();
            return true;
        }
        if (view.pod().getMetadata().getDeletionTimestamp() != null) {
            terminate(view);
            return true;
        }
        if (PodStatuses.isOver(view.pod().getStatus())) {
            if (view.hasReadySandbox()) {
                stop.stop(view, Duration.ZERO);
            }
            node.volumes().removeVolumes(view.pod().getMetadata().getUid());
            return false;
        }
        String why = eviction;
        if (why != null) {
            giveWay(view, why);
            return false;
        }
        Optional<Rejection> rejection = view.sandbox().isPresent()
                ? Optional.empty()
                : node.neighbours().admit(view.pod());
        if (rejection.isPresent()) {
            reject(view.pod(), rejection.get());
            return false;
        }
        Optional<Instant> deadline = deadline(view.pod());
        if (deadline.isPresent() && !Instant.now().isBefore(deadline.get())) {
            stop.stop(view, view.grace());
            node.events()
                    .normal(
                            view.pod(),
                            "DeadlineExceeded",
                            "Pod was active on the node longer than the specified deadline");
            report.write(
                    PodView.observe(node.runtime(), view.pod()),
                    start.waiting(),
                    Optional.of(new Verdict(
                            "Failed",
                            "DeadlineExceeded",
                            "Pod was active on the node longer than the specified deadline")));
            return false;
        }
        deadline.ifPresent(this::wakeAt);
        health.restartDead(view);
        bringOn();
        return false;
    }

    private void giveWay(PodView view, String why) {
        node.events().warning(view.pod(), EVICTED, why);
        stop.stop(view, EVICTION_GRACE);
        report.write(
                PodView.observe(node.runtime(), view.pod()),
                start.waiting(),
                Optional.of(new Verdict("Failed", EVICTED, why)));
        wake();
    }

    private void reject(Pod wanted, Rejection rejection) {
        node.events().warning(wanted, rejection.reason(), rejection.message());
        report.reject(wanted, new Verdict("Failed", rejection.reason(), "Pod was rejected: " + rejection.message()));
    }

    /// Step by step, until there is nothing to do now.
    private void bringOn() throws IOException {
        start.forget();
        resize.bringOn(PodView.observe(node.runtime(), current.get()));
        while (true) {
            PodView view = PodView.observe(node.runtime(), current.get());
            health.follow(view);
            PodPlan plan = PodPlan.decide(view, name -> health.isStarted(view, name), Instant.now());
            switch (plan) {
                case PodPlan.Idle(var at) -> {
                    at.ifPresent(this::wakeAt);
                    if (view.hasReadySandbox() && mounts.prepare(view).isEmpty()) {
                        pause = RETRY;
                    }
                    mounts.due().ifPresent(due -> wakeIn(Duration.between(SteadyClock.now(), due)));
                    report.write(view, start.waiting(), Optional.empty());
                    return;
                }
                case PodPlan.Finish(var phase) -> {
                    stop.stop(view, view.grace());
                    report.write(
                            PodView.observe(node.runtime(), view.pod()),
                            start.waiting(),
                            Optional.of(new Verdict(phase, "", "")));
                    return;
                }
                case PodPlan.StartSandbox(var attempt) -> {
                    report.write(view, start.waiting(), Optional.empty());
                    if (!sandbox.start(view, attempt)) {
                        pause = RETRY;
                        return;
                    }
                }
                case PodPlan.StartContainers(var containers) -> {
                    boolean all = true;
                    for (Container container : containers) {
                        all &= start.start(view, container);
                    }
                    if (!all) {
                        pause = RETRY;
                        PodView now = PodView.observe(node.runtime(), current.get());
                        health.follow(now);
                        report.write(now, start.waiting(), Optional.empty());
                        return;
                    }
                    report.write(PodView.observe(node.runtime(), current.get()), start.waiting(), Optional.empty());
                }
            }
        }
    }

    private void terminate(PodView view) throws IOException {
        stop.stop(view, PodView.leave(view.pod()));
        health.close();
        PodView end = PodView.observe(node.runtime(), view.pod());
        boolean failed = end.containers().keySet().stream()
                .anyMatch(name -> end.ended(name).map(e -> e.code() != 0).orElse(false));
        String before = view.pod().getStatus().getPhase();
        boolean done = PodStatuses.isOver(view.pod().getStatus());
        report.write(
                end,
                start.waiting(),
                Optional.of(new Verdict(done ? before : failed ? "Failed" : "Succeeded", "", "")));
        cleanUp();
        deleteObject(view.pod());
    }

    /// This pod, not another of its name.
    private void deleteObject(Pod wanted) {
        var metadata = wanted.getMetadata();
        try {
            node.client()
                    .raw(
                            "/api/v1/namespaces/" + metadata.getNamespace() + "/pods/" + metadata.getName(),
                            "DELETE",
                            Map.of(
                                    "apiVersion",
                                    "v1",
                                    "kind",
                                    "DeleteOptions",
                                    "gracePeriodSeconds",
                                    0,
                                    "preconditions",
                                    Map.of("uid", metadata.getUid())));
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404 && e.getCode() != 409) {
                throw e;
            }
        }
    }

    private void cleanUp() throws IOException {
        String uid = current.get().getMetadata().getUid();
        for (Sandbox sandbox : PodView.sandboxes(node.runtime(), uid)) {
            node.runtime().stopSandbox(sandbox.id());
            node.runtime().removeSandbox(sandbox.id());
        }
        node.volumes().remove(uid);
        Trees.delete(SandboxSpecs.logs(current.get(), node.settings().facts()));
        PodGroup.remove(current.get(), node.settings());
        node.sources().forget(uid);
        node.events().forget(uid);
        ended.run();
    }

    private static Optional<Instant> deadline(Pod wanted) {
        Long seconds = wanted.getSpec().getActiveDeadlineSeconds();
        String since = wanted.getStatus().getStartTime();
        return seconds == null || since == null
                ? Optional.empty()
                : Optional.of(Meta.after(Instant.parse(since), seconds));
    }

    private void wakeAt(Instant at) {
        wakeIn(Duration.between(Instant.now(), at));
    }

    private void wakeIn(Duration time) {
        Duration until = time.plusMillis(10);
        if (until.compareTo(pause) < 0) {
            pause = until.isNegative() ? Duration.ofMillis(10) : until;
        }
    }
}
