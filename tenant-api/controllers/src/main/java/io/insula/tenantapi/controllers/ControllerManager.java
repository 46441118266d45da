package io.insula.tenantapi.controllers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.metrics.LoopMetrics;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The running controllers of one tenant. Owns their queues and informers; the threads belong to the given executors.
///
/// Thread-safe: the informer maps are guarded by `this`.
public final class ControllerManager implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerManager.class);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    private final ObjectClient client;
    private final ControllerExecutors executors;
    private final Clock clock;
    private final ClusterFacts facts;
    private final LoopMetrics metrics;
    private final Map<InformerKey, Informer> informers = new HashMap<>();
    private final Map<GroupVersionResource, Informer> metadataInformers = new HashMap<>();
    private final List<ControllerLoop> loops = new ArrayList<>();
    private volatile boolean closed;

    private record InformerKey(GroupVersionResource resource, Query query) {}

    private ControllerManager(
            ObjectClient client, ControllerExecutors executors, Clock clock, ClusterFacts facts, LoopMetrics metrics) {
        this.client = client;
        this.executors = executors;
        this.clock = clock;
        this.facts = facts;
        this.metrics = metrics;
    }

    static ControllerManager start(
            List<ControllerFactory> factories,
            ObjectClient client,
            ControllerExecutors executors,
            Clock clock,
            ClusterFacts facts,
            LoopMetrics metrics) {
        var manager = new ControllerManager(client, executors, clock, facts, metrics);
        factories.forEach(manager::add);
        List<ControllerLoop> all = List.copyOf(manager.loops);
        all.forEach(ControllerLoop::connect);
        manager.startInformers();
        all.forEach(ControllerLoop::openWhenSynced);
        return manager;
    }

    /// Whether every controller has begun to work.
    public boolean started() {
        return loops.stream().allMatch(ControllerLoop::opened);
    }

    /// Ends all watches, drops what is queued and waits up to ten seconds for running reconciles. Idempotent.
    @Override
    public void close() {
        closed = true;
        loops.forEach(ControllerLoop::close);
        List<Informer> open;
        synchronized (this) {
            open = new ArrayList<>(informers.values());
            open.addAll(metadataInformers.values());
        }
        open.forEach(Informer::close);
        for (ControllerLoop loop : loops) {
            loop.awaitIdle(CLOSE_LIMIT);
        }
    }

    boolean closed() {
        return closed;
    }

    ObjectClient client() {
        return client;
    }

    ControllerExecutors executors() {
        return executors;
    }

    Clock clock() {
        return clock;
    }

    ClusterFacts facts() {
        return facts;
    }

    LoopMetrics metrics() {
        return metrics;
    }

    /// The shared informer, made where there is none; it is started with the manager.
    synchronized Informer informer(GroupVersionResource resource, Query query) {
        return informers.computeIfAbsent(
                new InformerKey(resource, query), key -> newInformer(resource, query, Informer::withoutManagedFields));
    }

    /// The full informer if some controller has one, else one of metadata, started at once.
    synchronized Informer metadataInformer(GroupVersionResource resource) {
        Informer full = informers.get(new InformerKey(resource, Query.ALL));
        if (full != null) {
            return full;
        }
        Informer slim = metadataInformers.computeIfAbsent(
                resource, key -> newInformer(resource, Query.ALL, Informer::metadataOnly));
        if (!closed) {
            slim.start();
        }
        return slim;
    }

    /// Ends a metadata informer nobody needs any more (its resource is not served any longer).
    synchronized void dropMetadataInformer(GroupVersionResource resource) {
        Informer slim = metadataInformers.remove(resource);
        if (slim != null) {
            slim.close();
        }
    }

    private Informer newInformer(GroupVersionResource resource, Query query, UnaryOperator<ObjectNode> trim) {
        ObjectClient reader = client.as("kube-controller-manager");
        return new Informer(resource, query, reader, executors, trim, this::informerSynced);
    }

    private void add(ControllerFactory factory) {
        loops.add(new ControllerLoop(factory, this));
    }

    private synchronized void startInformers() {
        informers.values().forEach(Informer::start);
    }

    private void informerSynced() {
        loops.forEach(ControllerLoop::openWhenSynced);
        if (started()) {
            LOG.atDebug().addKeyValue("controllers", loops.size()).log("controllers are running");
        }
    }
}
