package io.insula.tenantapi.controllers;

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

    private static final Logger LOG = LoggerFactory.getLogger(ControllerLoop.class);

    private final String name;
    private final ControllerManager manager;
    private final ObjectClient client;
    private final EventRecorder events;
    private final List<Informer> needed = new ArrayList<>();
    private final AtomicBoolean opened = new AtomicBoolean();
    private final Controller controller;
    private final ControllerSpec spec;
    private final WorkQueue queue;

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
        this.queue = new WorkQueue(spec.workers(), manager.executors(), this::work);
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

    private void work(Key key) {
        if (manager.closed()) {
            return;
        }
        try {
            apply(key, controller.reconcile(key));
        } catch (ApiException e) {
            retry(key, e, e.code() != 409 && e.code() != 404);
        } catch (RuntimeException e) {
            retry(key, e, true);
        }
    }

    private void apply(Key key, Outcome outcome) {
        queue.forget(key);
        switch (outcome) {
            case Outcome.Settled() -> {}
            case Outcome.RequeueAfter(var delay, var waitingFor) -> {
                queue.addAfter(key, delay);
                LOG.atTrace()
                        .addKeyValue("controller", name)
                        .addKeyValue("name", key)
                        .log("waits for {}", waitingFor);
            }
            case Outcome.Terminal(var reason, var message) ->
                LOG.atInfo()
                        .addKeyValue("controller", name)
                        .addKeyValue("name", key)
                        .addKeyValue("reason", reason)
                        .log("gives up until the object changes: {}", message);
        }
    }

    private void retry(Key key, RuntimeException e, boolean worthALine) {
        if (manager.closed()) {
            return;
        }
        if (worthALine) {
            LOG.atWarn()
                    .addKeyValue("controller", name)
                    .addKeyValue("name", key)
                    .setCause(e)
                    .log("will retry");
        } else {
            LOG.atDebug()
                    .addKeyValue("controller", name)
                    .addKeyValue("name", key)
                    .setCause(e)
                    .log("will retry");
        }
        queue.addRateLimited(key);
    }
}
