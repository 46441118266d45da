package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.node.agent.PodUses.Measured;
import io.insula.node.eviction.Observed;
import io.insula.node.eviction.PodUse;
import io.insula.node.eviction.Ranking;
import io.insula.node.eviction.Signal;
import io.insula.node.eviction.Thresholds;
import io.insula.node.eviction.Words;
import io.insula.node.machine.SteadyClock;
import io.insula.node.runtime.RuntimeFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks every few seconds whether the node runs short of something, and has pods give way: those that took more of the
/// disk than they may, then one at a time until enough is left. Thread-safe; one virtual thread of its own.
///
/// Source: Kubernetes, "Node-pressure Eviction".
final class Pressure {

    private static final Logger LOG = LoggerFactory.getLogger(Pressure.class);
    /// The kubelet's.
    private static final Duration PERIOD = Duration.ofSeconds(10);

    private final NodeContext node;
    private final Collection<PodWorker> workers;
    private final PodUses uses;
    private final ImageCollection images;
    private final Map<String, Instant> seen = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    /// @param workers of the node's pods, as they are at any time
    Pressure(NodeContext node, Collection<PodWorker> workers) {
        this.node = node;
        this.workers = workers;
        this.uses = new PodUses(node);
        this.images =
                new ImageCollection(node.runtime(), node.settings().limits().images());
        this.thread = Thread.ofVirtual()
                .name("insula-pressure " + node.settings().facts().name())
                .start(this::run);
    }

    /// The conditions of the node that hold, by type: those that press, and that did a while ago. From any thread.
    List<String> conditions() {
        Instant since = SteadyClock.now().minus(node.settings().limits().relief());
        return seen.entrySet().stream()
                .filter(each -> each.getValue().isAfter(since))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    private void run() {
        try {
            do {
                try {
                    step();
                } catch (RuntimeFailure | KubernetesClientException | IOException e) {
                    LOG.atDebug().setCause(e).log("cannot look how much pods take");
                }
            } while (!closing.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void step() throws IOException {
        Instant now = SteadyClock.now();
        Observed observed = look();
        images.collect(observed, now);
        Thresholds thresholds = node.settings().limits().thresholds();
        List<Signal> pressing = thresholds.pressing(observed);
        pressing.forEach(signal -> seen.put(signal.condition(), now));

        List<Measured> measured = uses.of(
                workers.stream().filter(PodWorker::isActive).map(PodWorker::pod).toList());
        boolean excess = false;
        for (Measured each : measured) {
            Optional<String> why = LocalStorage.excess(each);
            why.ifPresent(message -> evict(each.pod(), message));
            excess |= why.isPresent();
        }
        boolean waits = excess || workers.stream().anyMatch(PodWorker::isEvicting);
        if (!pressing.isEmpty() && !waits) {
            giveWay(pressing.getFirst(), observed, measured, now);
        }
    }

    private Observed look() throws IOException {
        return node.settings()
                .limits()
                .sight()
                .look(
                        Files.createDirectories(node.settings().pods()),
                        Path.of(node.runtime().images().use().mountpoint()));
    }

    private void giveWay(Signal signal, Observed observed, List<Measured> measured, Instant now) throws IOException {
        Thresholds thresholds = node.settings().limits().thresholds();
        LOG.atWarn().addKeyValue("signal", signal.title()).log("the node runs short");
        if (signal.isOfDisks()) {
            images.collectAll(now);
            if (thresholds.pressing(look()).isEmpty()) {
                return;
            }
        }
        for (PodUse use :
                Ranking.of(signal, measured.stream().map(Measured::use).toList())) {
            if (use.priority() < Admission.CRITICAL) {
                measured.stream()
                        .filter(each -> each.use().equals(use))
                        .findFirst()
                        .ifPresent(each -> evict(each.pod(), Words.low(signal, thresholds, observed, use)));
                return;
            }
        }
    }

    private void evict(Pod pod, String message) {
        workers.stream()
                .filter(worker -> worker.pod()
                        .getMetadata()
                        .getUid()
                        .equals(pod.getMetadata().getUid()))
                .forEach(worker -> worker.evict(message));
    }

    /// Looks no more.
    void end() throws InterruptedException {
        closing.countDown();
        thread.join();
    }
}
