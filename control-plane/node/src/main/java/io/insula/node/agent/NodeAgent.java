package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.insula.node.agent.Admission.Place;
import io.insula.node.logs.LogRotation;
import io.insula.node.machine.Machine;
import io.insula.node.machine.SteadyClock;
import io.insula.node.pod.Labels;
import io.insula.node.probe.Probing;
import io.insula.node.runtime.Container;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.RuntimeFailure;
import io.insula.node.runtime.Sandbox;
import io.insula.node.server.NodePods;
import io.insula.node.server.NodeServer;
import io.insula.node.server.ReviewedAccess;
import io.insula.node.volumes.PodVolumes;
import io.insula.reconcile.Backoff;
import io.insula.reconcile.Outcome;
import io.insula.reconcile.OwnThreads;
import io.insula.reconcile.ReconcileLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A node: keeps its Node and Lease, and runs the pods bound to it. It keeps nothing that it cannot find again: ended
/// at any moment, another takes up its containers. Thread-safe; a virtual thread for each pod that something is done
/// for, one for the heartbeat.
public final class NodeAgent implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeAgent.class);
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);
    /// Each pod has its place: one that waits for containers to end holds none of the others back.
    private static final int PODS_AT_ONCE = 10_000;

    private final NodeContext node;
    private final Admissions admissions;
    private final NodeObject object;
    /// By uid, as the loop's names.
    private final Map<String, PodWorker> workers = new ConcurrentHashMap<>();
    private final OwnThreads threads = OwnThreads.named("insula-pods");
    private final ReconcileLoop<String> loop = new ReconcileLoop<>(
            ReconcileLoop.Settings.of("pods", PODS_AT_ONCE, new Backoff(PodWorker.RETRY, PodWorker.RETRY)),
            threads.lent(),
            new Work());
    private final Map<String, String> seen = new HashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread heartbeat;
    private final SharedIndexInformer<Pod> pods;
    private final AutoCloseable watch;
    private final Optional<NodeServer> server;
    private final LogRotation rotation;
    private boolean strangersRemoved;
    private volatile @Nullable Pressure pressure;

    private NodeAgent(NodeContext plain) {
        this.admissions = new Admissions(this::besides, this::place);
        NodeContext node = plain.with(admissions);
        this.node = node;
        this.rotation = new LogRotation(node.settings().logLimits(), node.runtime()::reopenLog);
        String name = node.settings().facts().name();
        this.server = node.settings()
                .serving()
                .map(serving -> new NodeServer(
                        serving,
                        name,
                        new Pods(),
                        node.runtime(),
                        new ReviewedAccess(node.client(), name, SteadyClock.ofThisProcess())));
        this.object = new NodeObject(node, server.map(NodeServer::port).orElse(0), this::conditions);
        PodGroup.boundAll(node.settings());
        try {
            object.register();
        } catch (RuntimeException e) {
            server.ifPresent(NodeServer::close);
            endLoop();
            throw e;
        }
        loop.open();
        this.heartbeat = Thread.ofVirtual()
                .name("insula-node " + node.settings().facts().name())
                .start(this::beat);
        this.pods = node.client()
                .pods()
                .inAnyNamespace()
                .withField("spec.nodeName", node.settings().facts().name())
                .inform(new Handler());
        this.watch = node.runtime().watch(this::look);
        this.pressure = new Pressure(node, workers.values());
    }

    /// Registers the node and takes up its pods.
    ///
    /// @param runtime stays the caller's
    /// @param client stays the caller's
    public static NodeAgent start(NodeSettings settings, KubernetesClient client, ContainerRuntime runtime) {
        return start(settings, client, runtime, PodAnnouncer.NOBODY);
    }

    /// The same where pods' addresses are to be told.
    public static NodeAgent start(
            NodeSettings settings, KubernetesClient client, ContainerRuntime runtime, PodAnnouncer announcer) {
        var sources = new ApiSources(client);
        return new NodeAgent(new NodeContext(
                settings,
                client,
                runtime,
                sources,
                new PodVolumes(settings.pods(), sources),
                new PodEvents(client, settings.facts().name()),
                new Probing(runtime),
                announcer,
                Admissions.none()));
    }

    private void beat() {
        try {
            do {
                try {
                    object.renew();
                } catch (KubernetesClientException e) {
                    LOG.atWarn()
                            .addKeyValue("name", node.settings().facts().name())
                            .setCause(e)
                            .log("cannot tell the API server that the node lives");
                }
                rotateLogs();
            } while (!closing.await(HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Pod> besides(Pod pod) {
        return workers.values().stream()
                .filter(PodWorker::isActive)
                .map(PodWorker::pod)
                .filter(each ->
                        !each.getMetadata().getUid().equals(pod.getMetadata().getUid()))
                .toList();
    }

    private Place place() {
        return new Place(
                object.seen(), Admission.amounts(node.settings().capacity()), conditions(), Machine.hasAppArmor());
    }

    /// Nothing presses before somebody has looked.
    private List<String> conditions() {
        Pressure looking = pressure;
        return looking == null ? List.of() : looking.conditions();
    }

    private void gone(String uid) {
        admissions.gone(uid);
        workers.remove(uid);
        loop.forget(uid::equals);
        workers.values().forEach(PodWorker::wakeIfWaiting);
    }

    private void rotateLogs() {
        rotation.rotate(workers.values().stream()
                .flatMap(worker -> worker.nodePod().containers().stream())
                .toList());
    }

    /// What is left of pods that went while nobody looked. Not before the API server has told which are there.
    private void removeStrangers(List<Sandbox> sandboxes) {
        if (strangersRemoved || !pods.hasSynced()) {
            return;
        }
        String name = node.settings().facts().name();
        for (Sandbox sandbox : sandboxes) {
            boolean ours = name.equals(sandbox.labels().get(Labels.NODE));
            if (ours && !workers.containsKey(sandbox.name().uid())) {
                LOG.atInfo()
                        .addKeyValue("name", sandbox.name().pod())
                        .log("removing the sandbox of a pod that is gone");
                node.runtime().stopSandbox(sandbox.id());
                node.runtime().removeSandbox(sandbox.id());
            }
        }
        try {
            for (String uid : node.volumes().pods()) {
                if (!workers.containsKey(uid)) {
                    node.volumes().remove(uid);
                }
            }
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("cannot remove the volumes of pods that are gone");
        }
        strangersRemoved = true;
    }

    /// Wakes the pods of which something has changed. Called by one thread at a time.
    private void look() {
        var now = new HashMap<String, StringBuilder>();
        try {
            List<Sandbox> sandboxes = node.runtime().sandboxes();
            removeStrangers(sandboxes);
            for (Sandbox sandbox : sandboxes) {
                now.computeIfAbsent(sandbox.name().uid(), _ -> new StringBuilder())
                        .append(sandbox.id())
                        .append(sandbox.isReady());
            }
            for (Container container : node.runtime().containers()) {
                now.computeIfAbsent(container.labels().getOrDefault(Labels.POD_UID, ""), _ -> new StringBuilder())
                        .append(container.id())
                        .append(container.state().getClass().getSimpleName());
            }
        } catch (RuntimeFailure e) {
            LOG.atDebug().setCause(e).log("the runtime does not answer");
            return;
        }
        workers.forEach((uid, worker) -> {
            String state = now.getOrDefault(uid, new StringBuilder()).toString();
            if (!state.equals(seen.put(uid, state))) {
                worker.wake();
            }
        });
        seen.keySet().retainAll(workers.keySet());
    }

    @Override
    public void close() {
        closing.countDown();
        server.ifPresent(NodeServer::close);
        pods.close();
        try {
            watch.close();
            heartbeat.join();
            if (pressure != null) {
                pressure.end();
            }
            endLoop();
            workers.values().forEach(PodWorker::close);
            node.events().close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException(
                    "cannot end node " + node.settings().facts().name(), e);
        }
    }

    /// What is done for pods ends where it is.
    private void endLoop() {
        loop.closeWith(threads, Duration.ZERO);
        threads.work().close();
    }

    private final class Work implements ReconcileLoop.Work<String> {

        @Override
        public Outcome reconcile(String uid) {
            PodWorker worker = workers.get(uid);
            return worker == null ? Outcome.SETTLED : worker.reconcile();
        }

        @Override
        public void failed(String uid, RuntimeException cause, int failuresInARow, Duration retryIn) {
            PodWorker worker = workers.get(uid);
            if (worker == null || closing.getCount() == 0) {
                return;
            }
            LOG.atWarn()
                    .addKeyValue("namespace", worker.pod().getMetadata().getNamespace())
                    .addKeyValue("name", worker.pod().getMetadata().getName())
                    .addKeyValue("problem", String.valueOf(cause.getMessage()))
                    .log("cannot bring a pod on, trying again");
        }
    }

    private final class Pods implements NodePods {

        @Override
        public Optional<NodePod> find(String namespace, String name) {
            return all().stream()
                    .filter(pod -> pod.pod().getMetadata().getNamespace().equals(namespace)
                            && pod.pod().getMetadata().getName().equals(name))
                    .findFirst();
        }

        @Override
        public List<NodePod> all() {
            return workers.values().stream().map(PodWorker::nodePod).toList();
        }
    }

    private final class Handler implements ResourceEventHandler<Pod> {

        @Override
        public void onAdd(Pod pod) {
            String uid = pod.getMetadata().getUid();
            var made = new PodWorker(node, pod, () -> loop.add(uid), () -> gone(uid));
            if (workers.putIfAbsent(uid, made) == null) {
                made.wake();
            }
        }

        @Override
        public void onUpdate(Pod old, Pod pod) {
            PodWorker worker = workers.get(pod.getMetadata().getUid());
            if (worker == null) {
                onAdd(pod);
            } else {
                worker.update(pod);
            }
        }

        @Override
        public void onDelete(Pod pod, boolean isUnknown) {
            PodWorker worker = workers.get(pod.getMetadata().getUid());
            if (worker != null) {
                worker.delete();
            }
        }
    }
}
