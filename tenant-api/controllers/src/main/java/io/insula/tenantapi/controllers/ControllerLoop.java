package io.insula.tenantapi.controllers;

import io.insula.reconcile.Backoff;
import io.insula.reconcile.Outcome;
import io.insula.reconcile.ReconcileLoop;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One controller of one manager: its queue, the informers it needs, and what its outcomes mean.
///
/// Thread-safe by its parts; `needed` is changed only while the controller is made.
final class ControllerLoop implements ControllerContext, AutoCloseable {

    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(5), Duration.ofSeconds(60));
    private static final Logger LOG = LoggerFactory.getLogger(ControllerLoop.class);

    private final String name;
    private final ControllerManager manager;
    private final ObjectClient client;
    private final EventRecorder events;
    private final List<Informer> needed = new ArrayList<>();
    private final AtomicBoolean opened = new AtomicBoolean();
    private final Controller controller;
    private final ControllerSpec spec;
    private final ReconcileLoop<Key> queue;

    /// What the controller asked for while it was being made: its queue does not exist yet. Only the making thread
    /// touches both before connect() ends.
    private final List<Runnable> early = new ArrayList<>();

    private volatile boolean connected;

    @SuppressWarnings("this-escape") // the controller keeps its context; nothing runs before connect()
    ControllerLoop(ControllerFactory factory, ControllerManager manager) {
        this.name = factory.name();
        this.manager = manager;
        this.client = manager.client().as(name);
        this.events = new EventRecorder(client, manager.clock(), name);
        this.controller = factory.create(this);
        this.spec = controller.spec();
        this.queue = new ReconcileLoop<>(
                ReconcileLoop.Settings.<Key>of(name, spec.workers(), BACKOFF)
                        .order(spec.order())
                        .meter(manager.metrics().meter(name)),
                new ReconcileLoop.Threads(
                        manager.executors().work(), manager.executors().timer()),
                new Reconciles());
        manager.metrics().follow(queue);
    }

    /// Lets the informers' events reach the queue.
    void connect() {
        connected = true;
        early.forEach(Runnable::run);
        early.clear();
        for (ControllerSpec.Watched watched : spec.watches()) {
            Informer informer = manager.informer(watched.resource(), watched.query());
            needed.add(informer);
            informer.addListener(event -> watched.mapping().keysOf(event).forEach(queue::add));
        }
    }

    void openWhenSynced() {
        if (needed.stream().allMatch(Informer::synced) && opened.compareAndSet(false, true)) {
            queue.open();
        }
    }

    boolean opened() {
        return opened.get();
    }

    @Override
    public void close() {
        queue.close();
    }

    void awaitIdle(Duration limit) {
        try {
            if (!queue.awaitIdle(limit)) {
                LOG.atWarn().addKeyValue("controller", name).log("a reconcile did not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public ObjectClient client() {
        return client;
    }

    @Override
    public Clock clock() {
        return manager.clock();
    }

    @Override
    public EventRecorder events() {
        return events;
    }

    @Override
    public ClusterFacts facts() {
        return manager.facts();
    }

    @Override
    public Store store(GroupVersionResource resource) {
        return store(resource, Query.ALL);
    }

    @Override
    public Store store(GroupVersionResource resource, Query query) {
        Informer informer = manager.informer(resource, query);
        needed.add(informer);
        return informer;
    }

    @Override
    public void enqueueAfter(Key key, Duration delay) {
        queue.addAfter(key, delay);
    }

    @Override
    public void later(Duration delay, Runnable task) {
        if (!connected) {
            early.add(() -> later(delay, task));
            return;
        }
        var timer = manager.executors()
                .timer()
                .schedule(
                        () -> manager.executors().work().execute(() -> runIfOpen(task)),
                        delay.toMillis(),
                        TimeUnit.MILLISECONDS);
        if (timer.isCancelled()) {
            LOG.atDebug().addKeyValue("controller", name).log("timer is closing, task dropped");
        }
    }

    @Override
    public AutoCloseable followMetadata(GroupVersionResource resource, Consumer<ObjectEvent> listener) {
        Informer informer = manager.metadataInformer(resource);
        informer.addListener(listener);
        return () -> {
            informer.removeListener(listener);
            manager.dropMetadataInformer(resource);
        };
    }

    private void runIfOpen(Runnable task) {
        if (manager.closed()) {
            return;
        }
        try {
            task.run();
        } catch (RuntimeException e) {
            if (!manager.closed()) {
                LOG.atWarn().addKeyValue("controller", name).setCause(e).log("a timed task failed");
            }
        }
    }

    /// What the loop asks of the controller.
    private final class Reconciles implements ReconcileLoop.Work<Key> {

        @Override
        public Outcome reconcile(Key key) {
            return manager.closed() ? Outcome.SETTLED : controller.reconcile(key);
        }

        /// A conflict and a missing object are part of a day's work: the event that tells of the new state is on its
        /// way.
        @Override
        public void failed(Key key, RuntimeException cause, int failuresInARow, Duration retryIn) {
            if (manager.closed()) {
                return;
            }
            boolean usual = cause instanceof ApiException e && (e.code() == 409 || e.code() == 404);
            (usual ? LOG.atDebug() : LOG.atWarn())
                    .addKeyValue("controller", name)
                    .addKeyValue("name", key)
                    .setCause(cause)
                    .log("will retry");
        }

        @Override
        public void gaveUp(Key key, Outcome.Terminal outcome) {
            LOG.atInfo()
                    .addKeyValue("controller", name)
                    .addKeyValue("name", key)
                    .addKeyValue("reason", outcome.reason())
                    .log("gives up until the object changes: {}", outcome.message());
        }
    }
}
