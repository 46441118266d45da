package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.agent.PodStatuses.Known;
import io.insula.node.agent.PodStatuses.Verdict;
import io.insula.node.agent.PodStatuses.Why;
import io.insula.node.machine.Trees;
import io.insula.node.pod.ContainerSpecs;
import io.insula.node.pod.DownwardFields.Surroundings;
import io.insula.node.pod.HostsFile;
import io.insula.node.pod.Labels;
import io.insula.node.pod.PodAddresses;
import io.insula.node.pod.PodFault;
import io.insula.node.pod.SandboxSpecs;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.RuntimeFailure;
import io.insula.node.runtime.Sandbox;
import io.insula.node.runtime.SandboxSpec;
import io.insula.node.volumes.VolumeFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One pod, from its sandbox to its end. All state but back-off of images is read anew from the runtime and the API
/// server, so that it may end anywhere and go on in another process. One virtual thread of its own does everything;
/// [#update] and [#wake] come from any.
final class PodWorker {

    private static final Logger LOG = LoggerFactory.getLogger(PodWorker.class);
    private static final Duration RESYNC = Duration.ofSeconds(30);
    private static final Duration RETRY = Duration.ofSeconds(3);
    private static final long DEFAULT_GRACE_SECONDS = 30;
    private static final int KEPT_OF_EACH = 2;

    private final NodeContext node;
    private final Runnable ended;
    private final Semaphore wakes = new Semaphore(0);
    private final ImageFetch images;
    private final PodStop stop;
    private final Thread thread;
    private final Map<String, ContainerHealth> health = new HashMap<>();
    private final Map<String, Why> waiting = new HashMap<>();
    private final AtomicReference<Pod> current;
    private volatile boolean deleted;
    private volatile boolean closing;
    private Duration pause = RESYNC;
    private PodStatus written = new PodStatus();

    /// @param ended called once nothing is left of the pod
    PodWorker(NodeContext node, Pod pod, Runnable ended) {
        this.node = node;
        this.current = new AtomicReference<>(pod);
        this.ended = ended;
        this.images = new ImageFetch(node);
        this.stop = new PodStop(node);
        this.thread = Thread.ofVirtual()
                .name("insula-pod " + pod.getMetadata().getName())
                .unstarted(this::run);
    }

    void start() {
        wake();
        thread.start();
    }

    void update(Pod newer) {
        current.set(newer);
        wake();
    }

    /// The API server has it no more.
    void delete() {
        deleted = true;
        wake();
    }

    void wake() {
        wakes.release();
    }

    /// Ends the worker, not the pod.
    void close() throws InterruptedException {
        closing = true;
        thread.interrupt();
        thread.join();
        health.values().forEach(ContainerHealth::close);
    }

    private void run() {
        try {
            while (!closing) {
                if (!wakes.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    // whatever others have made of the status meanwhile
                    written = new PodStatus();
                }
                wakes.drainPermits();
                pause = RESYNC;
                if (step()) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return whether nothing is left
    private boolean step() throws InterruptedException {
        try {
            return sync();
        } catch (RuntimeFailure | KubernetesClientException | IOException e) {
            if (closing || Thread.currentThread().isInterrupted()) {
                throw new InterruptedException();
            }
            LOG.atWarn()
                    .addKeyValue("namespace", current.get().getMetadata().getNamespace())
                    .addKeyValue("name", current.get().getMetadata().getName())
                    .addKeyValue("problem", e.getMessage())
                    .log("cannot bring a pod on, trying again");
            pause = RETRY;
            return false;
        }
    }

    private boolean sync() throws IOException {
        PodView view = observe(current.get());
        if (deleted) {
            stop.stop(view, Duration.ZERO);
            cleanUp();
            return true;
        }
        if (view.pod().getMetadata().getDeletionTimestamp() != null) {
            terminate(view);
            return true;
        }
        String phase = view.pod().getStatus().getPhase();
        if ("Failed".equals(phase) || "Succeeded".equals(phase)) {
            if (view.hasReadySandbox()) {
                stop.stop(view, Duration.ZERO);
            }
            return false;
        }
        Optional<Instant> deadline = deadline(view.pod());
        if (deadline.isPresent() && !Instant.now().isBefore(deadline.get())) {
            stop.stop(view, grace(view.pod()));
            node.events()
                    .normal(
                            view.pod(),
                            "DeadlineExceeded",
                            "Pod was active on the node longer than the specified deadline");
            writeStatus(
                    observe(view.pod()),
                    Optional.of(new Verdict(
                            "Failed",
                            "DeadlineExceeded",
                            "Pod was active on the node longer than the specified deadline")));
            return false;
        }
        deadline.ifPresent(this::wakeAt);
        restartDead(view);
        bringOn();
        return false;
    }

    /// Step by step, until there is nothing to do now.
    private void bringOn() throws IOException {
        waiting.clear();
        while (true) {
            PodView view = observe(current.get());
            followHealth(view);
            PodPlan plan = PodPlan.decide(view, name -> isStarted(view, name), Instant.now());
            switch (plan) {
                case PodPlan.Idle(var at) -> {
                    at.ifPresent(this::wakeAt);
                    if (view.hasReadySandbox()) {
                        prepareVolumes(view);
                    }
                    writeStatus(view, Optional.empty());
                    return;
                }
                case PodPlan.Finish(var phase) -> {
                    stop.stop(view, grace(view.pod()));
                    writeStatus(observe(view.pod()), Optional.of(new Verdict(phase, "", "")));
                    return;
                }
                case PodPlan.StartSandbox(var attempt) -> {
                    writeStatus(view, Optional.empty());
                    if (!startSandbox(view, attempt)) {
                        return;
                    }
                }
                case PodPlan.StartContainers(var containers) -> {
                    boolean all = true;
                    for (Container container : containers) {
                        all &= startContainer(view, container);
                    }
                    if (!all) {
                        pause = RETRY;
                        PodView now = observe(current.get());
                        followHealth(now);
                        writeStatus(now, Optional.empty());
                        return;
                    }
                    writeStatus(observe(current.get()), Optional.empty());
                }
            }
        }
    }

    private boolean startSandbox(PodView view, int attempt) throws IOException {
        Pod wanted = view.pod();
        try {
            if (prepareVolumes(view).isEmpty()) {
                return false;
            }
            view.sandbox().ifPresent(old -> {
                stop.stop(view, Duration.ZERO);
                LOG.atInfo()
                        .addKeyValue("name", wanted.getMetadata().getName())
                        .log("the pod's sandbox is gone, making another");
            });
            SandboxSpec spec = SandboxSpecs.of(wanted, attempt, node.settings().facts());
            Files.createDirectories(spec.logs());
            node.runtime().runSandbox(spec, handler(wanted));
            return true;
        } catch (RuntimeFailure.Unavailable e) {
            throw e;
        } catch (RuntimeFailure | PodFault e) {
            node.events().warning(wanted, "FailedCreatePodSandBox", "Failed to create pod sandbox: " + e.getMessage());
            pause = RETRY;
            return false;
        }
    }

    private Optional<Map<String, Path>> prepareVolumes(PodView view) {
        try {
            return Optional.of(node.volumes().prepare(view.pod(), around(view)));
        } catch (VolumeFault e) {
            node.events().warning(view.pod(), "FailedMount", String.valueOf(e.getMessage()));
            pause = RETRY;
            return Optional.empty();
        }
    }

    private boolean startContainer(PodView view, Container container) throws IOException {
        Pod wanted = view.pod();
        Sandbox sandbox = view.sandbox().orElseThrow();
        String name = container.getName();
        int attempt = view.nextAttempt(name);
        SandboxSpec sandboxSpec = SandboxSpecs.of(
                wanted, sandbox.name().attempt(), node.settings().facts());
        try {
            var image = images.of(wanted, container, sandboxSpec);
            var volumes = prepareVolumes(view);
            if (volumes.isEmpty()) {
                return false;
            }
            Path termination = TerminationMessages.file(node.settings().pods(), wanted, name, attempt);
            Files.createDirectories(sandboxSpec.logs().resolve(name));
            var files = new ContainerSpecs.Files(
                    volumes.get(),
                    writeHosts(view),
                    writeEmpty(termination),
                    (volume, inside, mount) ->
                            node.volumes().subPath(wanted.getMetadata().getUid(), name, mount, volume, inside));
            var spec = ContainerSpecs.of(
                    wanted,
                    container,
                    attempt,
                    image,
                    files,
                    node.sources(),
                    around(view),
                    node.settings().facts());
            ContainerId id = create(sandbox, spec, sandboxSpec);
            node.events().normal(wanted, "Created", "Created container: " + name);
            run(wanted, container, id);
            removeOlder(view, name);
            return true;
        } catch (PodFault e) {
            waiting.put(name, new Why(e.reason(), e.message()));
            node.events().warning(wanted, "Failed", "Error: " + e.message());
            return false;
        }
    }

    private ContainerId create(Sandbox sandbox, io.insula.node.runtime.ContainerSpec spec, SandboxSpec sandboxSpec) {
        try {
            return node.runtime().createContainer(sandbox.id(), spec, sandboxSpec);
        } catch (RuntimeFailure.Unavailable e) {
            throw e;
        } catch (RuntimeFailure e) {
            throw new PodFault("CreateContainerError", String.valueOf(e.getMessage()));
        }
    }

    private void run(Pod wanted, Container container, ContainerId id) {
        try {
            node.runtime().startContainer(id);
        } catch (RuntimeFailure.Unavailable e) {
            throw e;
        } catch (RuntimeFailure e) {
            // The runtime keeps it as ended, with reason and message: it backs off as one that failed.
            node.events().warning(wanted, "Failed", "Error: " + e.getMessage());
            return;
        }
        node.events().normal(wanted, "Started", "Started container " + container.getName());
        if (container.getLifecycle() != null && container.getLifecycle().getPostStart() != null) {
            boolean good = stop.run(
                    wanted,
                    container,
                    id,
                    container.getLifecycle().getPostStart(),
                    "FailedPostStartHook",
                    Duration.ofHours(1));
            if (!good) {
                stop.stop(wanted, container, id, Instant.now().plus(grace(wanted)), "FailedPostStartHook");
            }
        }
    }

    private void restartDead(PodView view) {
        for (Container container : all(view.pod())) {
            ContainerHealth state = health.get(container.getName());
            if (state != null && state.isDead()) {
                state.close();
                health.remove(container.getName());
                String probe = state.isStarted() ? "liveness" : "startup";
                stop.stop(
                        view.pod(),
                        container,
                        state.id(),
                        Instant.now().plus(grace(view.pod())),
                        "Container " + container.getName() + " failed " + probe + " probe, will be restarted");
            }
        }
    }

    /// One for each running container, none for another.
    private void followHealth(PodView view) {
        String address = addresses(view).pod().stream()
                .findFirst()
                .orElse(node.settings().facts().address());
        for (Container container : all(view.pod())) {
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
                                this::wake,
                                (probe, said) -> node.events()
                                        .warning(current.get(), "Unhealthy", probe + " probe failed: " + said)));
            }
        }
    }

    private boolean isStarted(PodView view, String name) {
        ContainerHealth state = health.get(name);
        return view.isRunning(name) && state != null && state.isStarted();
    }

    private void terminate(PodView view) throws IOException {
        Long seconds = view.pod().getMetadata().getDeletionGracePeriodSeconds();
        stop.stop(view, Duration.ofSeconds(seconds == null ? DEFAULT_GRACE_SECONDS : seconds));
        health.values().forEach(ContainerHealth::close);
        health.clear();
        PodView end = observe(view.pod());
        boolean failed = end.containers().keySet().stream()
                .anyMatch(name -> end.ended(name).map(e -> e.code() != 0).orElse(false));
        String before = view.pod().getStatus().getPhase();
        boolean done = "Failed".equals(before) || "Succeeded".equals(before);
        writeStatus(end, Optional.of(new Verdict(done ? before : failed ? "Failed" : "Succeeded", "", "")));
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
        for (Sandbox sandbox : sandboxes(uid)) {
            node.runtime().stopSandbox(sandbox.id());
            node.runtime().removeSandbox(sandbox.id());
        }
        node.volumes().remove(uid);
        Trees.delete(SandboxSpecs.logs(current.get(), node.settings().facts()));
        node.sources().forget(uid);
        node.events().forget(uid);
        ended.run();
    }

    private PodView observe(Pod wanted) {
        String uid = wanted.getMetadata().getUid();
        Optional<Sandbox> sandbox = sandboxes(uid).stream()
                .max(Comparator.comparingInt(s -> s.name().attempt()))
                .flatMap(s -> node.runtime().sandbox(s.id()));
        Map<String, List<io.insula.node.runtime.Container>> containers = node.runtime().containers().stream()
                .filter(c -> uid.equals(c.labels().get(Labels.POD_UID)))
                .sorted(Comparator.comparingInt(io.insula.node.runtime.Container::attempt)
                        .reversed())
                .collect(Collectors.groupingBy(io.insula.node.runtime.Container::name));
        containers.replaceAll((_, all) -> all.stream()
                .limit(KEPT_OF_EACH)
                .flatMap(c -> node.runtime().container(c.id()).map(full -> with(full, c)).stream())
                .toList());
        return new PodView(wanted, sandbox, containers);
    }

    /// The listed one is sure of its sandbox.
    private static io.insula.node.runtime.Container with(
            io.insula.node.runtime.Container full, io.insula.node.runtime.Container listed) {
        return new io.insula.node.runtime.Container(
                full.id(),
                listed.sandbox(),
                full.name(),
                full.attempt(),
                full.state(),
                full.image(),
                full.imageRef(),
                full.createdAt(),
                full.labels(),
                full.annotations(),
                full.log());
    }

    private List<Sandbox> sandboxes(String uid) {
        return node.runtime().sandboxes().stream()
                .filter(s -> s.name().uid().equals(uid))
                .toList();
    }

    private void removeOlder(PodView view, String name) {
        List<io.insula.node.runtime.Container> all = view.containers().getOrDefault(name, List.of());
        all.stream().skip(KEPT_OF_EACH - 1).forEach(c -> node.runtime().removeContainer(c.id()));
    }

    private void writeStatus(PodView view, Optional<Verdict> verdict) {
        Pod wanted = view.pod();
        Set<String> started = new HashSet<>();
        Set<String> ready = new HashSet<>();
        for (Container container : all(wanted)) {
            String name = container.getName();
            boolean init = wanted.getSpec().getInitContainers().contains(container) && !PodView.isSidecar(container);
            if (isStarted(view, name)) {
                started.add(name);
            }
            ContainerHealth state = health.get(name);
            boolean completed = init && view.ended(name).map(e -> e.code() == 0).orElse(false);
            if (completed || (!init && view.isRunning(name) && state != null && state.isReady())) {
                ready.add(name);
            }
        }
        String since = wanted.getStatus().getStartTime();
        var known = new Known(
                addresses(view),
                since == null ? Instant.now() : Instant.parse(since),
                started,
                ready,
                Map.copyOf(waiting),
                container -> TerminationMessages.of(
                        wanted,
                        container,
                        node.settings().pods(),
                        container.log().orElse(Path.of("/nonexistent"))),
                verdict);
        PodStatus status = PodStatuses.of(view, known, Instant.now());
        if (!status.equals(wanted.getStatus()) && !status.equals(written)) {
            patch(wanted, status);
            written = status;
        }
    }

    private void patch(Pod wanted, PodStatus status) {
        var metadata = wanted.getMetadata();
        String patch = Serialization.asJson(Map.of("metadata", Map.of("uid", metadata.getUid()), "status", status));
        try {
            Pod patched = node.client()
                    .pods()
                    .inNamespace(metadata.getNamespace())
                    .withName(metadata.getName())
                    .subresource("status")
                    .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
            // Only in the place of what it was made from: the watch may have brought a later one, and brings this one.
            current.compareAndSet(wanted, patched);
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404 && e.getCode() != 409) {
                throw e;
            }
        }
    }

    private PodAddresses addresses(PodView view) {
        String host = node.settings().facts().address();
        if (Boolean.TRUE.equals(view.pod().getSpec().getHostNetwork())) {
            return new PodAddresses(view.sandbox().isPresent() ? List.of(host) : List.of(), host);
        }
        List<String> own = view.sandbox().map(Sandbox::addresses).orElse(List.of());
        List<String> known = view.pod().getStatus().getPodIP() == null
                ? List.of()
                : List.of(view.pod().getStatus().getPodIP());
        return new PodAddresses(own.isEmpty() ? known : own, host);
    }

    private Surroundings around(PodView view) {
        return new Surroundings(addresses(view), node.settings().capacity());
    }

    private Path writeHosts(PodView view) throws IOException {
        Path hosts = node.settings()
                .pods()
                .resolve(view.pod().getMetadata().getUid())
                .resolve("etc-hosts");
        if (!Files.exists(hosts)) {
            Files.createDirectories(hosts.getParent());
        }
        Files.writeString(
                hosts,
                HostsFile.of(view.pod(), addresses(view).pod(), node.settings().facts()));
        return hosts;
    }

    private static Path writeEmpty(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
        Files.setAttribute(file, "unix:mode", 0666);
        return file;
    }

    private String handler(Pod wanted) {
        String name = wanted.getSpec().getRuntimeClassName();
        if (name == null || name.isEmpty()) {
            return "";
        }
        RuntimeClass found =
                node.client().resources(RuntimeClass.class).withName(name).get();
        if (found == null) {
            throw PodFault.config("runtimeclass.node.k8s.io \"" + name + "\" not found");
        }
        return found.getHandler();
    }

    private static Optional<Instant> deadline(Pod wanted) {
        Long seconds = wanted.getSpec().getActiveDeadlineSeconds();
        String since = wanted.getStatus().getStartTime();
        return seconds == null || since == null
                ? Optional.empty()
                : Optional.of(Instant.parse(since).plusSeconds(seconds));
    }

    private static Duration grace(Pod wanted) {
        Long seconds = wanted.getSpec().getTerminationGracePeriodSeconds();
        return Duration.ofSeconds(seconds == null ? DEFAULT_GRACE_SECONDS : seconds);
    }

    private void wakeAt(Instant at) {
        Duration until = Duration.between(Instant.now(), at).plusMillis(10);
        if (until.compareTo(pause) < 0) {
            pause = until.isNegative() ? Duration.ofMillis(10) : until;
        }
    }

    private static List<Container> all(Pod wanted) {
        return Stream.concat(wanted.getSpec().getInitContainers().stream(), wanted.getSpec().getContainers().stream())
                .toList();
    }
}
