package io.insula.tenantapi.controllers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Backoff;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.ObjectList;
import io.insula.tenantapi.ports.ObjectClient.Query;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lists a resource, then watches it, and keeps what it saw. When the watch ends it lists again and tells listeners the
/// difference, so a listener misses states but never the last one. A resource that is not served counts as empty and is
/// asked for again.
///
/// Thread-safe: changes are applied under `lock`, one at a time and in order; readers do not lock.
final class Informer implements Store, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Informer.class);
    private static final Duration NOT_SERVED = Duration.ofSeconds(3);
    private static final Backoff RETRY = new Backoff(Duration.ofMillis(40), Duration.ofSeconds(30));
    private static final Duration RELIST_PAUSE = Duration.ofMillis(20);

    private final GroupVersionResource resource;
    private final Query query;
    private final ObjectClient client;
    private final ControllerExecutors executors;
    private final UnaryOperator<ObjectNode> trim;
    private final Runnable onSynced;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, ObjectNode> objects = new ConcurrentHashMap<>();
    private final Map<String, Map<Key, ObjectNode>> byNamespace = new ConcurrentHashMap<>();
    private final Map<String, Map<Key, ObjectNode>> byController = new ConcurrentHashMap<>();
    private final List<Consumer<ObjectEvent>> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean synced;
    private volatile boolean closed;
    private boolean started;
    private int epoch;
    private int failures;
    private @Nullable AutoCloseable watch;

    Informer(
            GroupVersionResource resource,
            Query query,
            ObjectClient client,
            ControllerExecutors executors,
            UnaryOperator<ObjectNode> trim,
            Runnable onSynced) {
        this.resource = resource;
        this.query = query;
        this.client = client;
        this.executors = executors;
        this.trim = trim;
        this.onSynced = onSynced;
    }

    /// Without `managedFields`: no controller reads them, and they are often half of an object.
    static ObjectNode withoutManagedFields(ObjectNode object) {
        Meta.of(object).remove("managedFields");
        return object;
    }

    /// What the garbage collector needs: type, metadata without annotations.
    static ObjectNode metadataOnly(ObjectNode object) {
        Meta.of(object).remove(List.of("managedFields", "annotations"));
        object.retain("apiVersion", "kind", "metadata");
        return object;
    }

    /// Idempotent.
    void start() {
        lock.lock();
        try {
            if (started || closed) {
                return;
            }
            started = true;
        } finally {
            lock.unlock();
        }
        executors.work().execute(this::listAndWatch);
    }

    /// Tells what is there as additions, then every change. The listener must be quick.
    void addListener(Consumer<ObjectEvent> listener) {
        lock.lock();
        try {
            objects.values().forEach(object -> listener.accept(new ObjectEvent.Added(object)));
            listeners.add(listener);
        } finally {
            lock.unlock();
        }
    }

    void removeListener(Consumer<ObjectEvent> listener) {
        listeners.remove(listener);
    }

    @Override
    public Optional<ObjectNode> get(Key key) {
        return Optional.ofNullable(objects.get(key));
    }

    @Override
    public List<ObjectNode> list() {
        return List.copyOf(objects.values());
    }

    @Override
    public List<ObjectNode> inNamespace(String namespace) {
        return List.copyOf(byNamespace.getOrDefault(namespace, Map.of()).values());
    }

    @Override
    public List<ObjectNode> controlledBy(String uid) {
        return List.copyOf(byController.getOrDefault(uid, Map.of()).values());
    }

    @Override
    public boolean synced() {
        return synced;
    }

    @Override
    public void close() {
        AutoCloseable toClose;
        lock.lock();
        try {
            closed = true;
            epoch++;
            toClose = watch;
            watch = null;
        } finally {
            lock.unlock();
        }
        closeQuietly(toClose);
    }

    private void listAndWatch() {
        if (closed) {
            return;
        }
        try {
            ObjectList list = client.list(resource, "", query);
            int current = replace(list.items());
            markSynced();
            keep(current, client.watch(resource, "", list.resourceVersion(), query, new Handler(current)));
            failures = 0;
        } catch (ApiException e) {
            again(e.code() == 404 ? notServed() : nextPause(e));
        } catch (RuntimeException e) {
            again(nextPause(e));
        }
    }

    private Duration notServed() {
        replace(List.of());
        markSynced();
        return NOT_SERVED;
    }

    private Duration nextPause(RuntimeException e) {
        failures++;
        if (!closed) {
            LOG.atDebug().addKeyValue("resource", resource).setCause(e).log("cannot list or watch, trying again");
        }
        return RETRY.after(failures);
    }

    private void again(Duration pause) {
        if (closed) {
            return;
        }
        var timer = executors
                .timer()
                .schedule(() -> executors.work().execute(this::listAndWatch), pause.toMillis(), TimeUnit.MILLISECONDS);
        if (timer.isCancelled()) {
            LOG.atDebug().addKeyValue("resource", resource).log("timer is closing, informer stops");
        }
    }

    private void markSynced() {
        if (!synced) {
            synced = true;
            onSynced.run();
        }
    }

    private void keep(int current, AutoCloseable newWatch) {
        boolean stale;
        lock.lock();
        try {
            stale = closed || epoch != current;
            if (!stale) {
                watch = newWatch;
            }
        } finally {
            lock.unlock();
        }
        if (stale) {
            closeQuietly(newWatch);
        }
    }

    private int replace(List<ObjectNode> items) {
        lock.lock();
        try {
            Set<Key> gone = new HashSet<>(objects.keySet());
            for (ObjectNode item : items) {
                ObjectNode object = trim.apply(item);
                gone.remove(Key.of(object));
                put(object);
            }
            gone.forEach(this::remove);
            return ++epoch;
        } finally {
            lock.unlock();
        }
    }

    private void put(ObjectNode object) {
        Key key = Key.of(object);
        ObjectNode before = objects.get(key);
        if (before != null && Meta.resourceVersion(before).equals(Meta.resourceVersion(object))) {
            return;
        }
        boolean replaced = before != null && !Meta.uid(before).equals(Meta.uid(object));
        if (replaced) {
            remove(key);
        }
        if (before != null) {
            unindex(key, before);
        }
        objects.put(key, object);
        index(byNamespace, key.namespace(), key, object);
        controllerUid(object).ifPresent(uid -> index(byController, uid, key, object));
        tell(before == null || replaced ? new ObjectEvent.Added(object) : new ObjectEvent.Updated(before, object));
    }

    private void remove(Key key) {
        ObjectNode before = objects.remove(key);
        if (before != null) {
            unindex(key, before);
            tell(new ObjectEvent.Deleted(before));
        }
    }

    private void removeLast(ObjectNode last) {
        Key key = Key.of(last);
        ObjectNode before = objects.remove(key);
        if (before != null) {
            unindex(key, before);
            tell(new ObjectEvent.Deleted(last));
        }
    }

    private void tell(ObjectEvent event) {
        for (Consumer<ObjectEvent> listener : listeners) {
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                LOG.atError().addKeyValue("resource", resource).setCause(e).log("a listener failed, event lost for it");
            }
        }
    }

    private void unindex(Key key, ObjectNode before) {
        unindex(byNamespace, key.namespace(), key);
        controllerUid(before).ifPresent(uid -> unindex(byController, uid, key));
    }

    private static void index(Map<String, Map<Key, ObjectNode>> index, String at, Key key, ObjectNode object) {
        index.computeIfAbsent(at, x -> new ConcurrentHashMap<>()).put(key, object);
    }

    private static void unindex(Map<String, Map<Key, ObjectNode>> index, String at, Key key) {
        index.computeIfPresent(at, (x, part) -> {
            part.remove(key);
            return part.isEmpty() ? null : part;
        });
    }

    private static Optional<String> controllerUid(ObjectNode object) {
        for (JsonNode owner : object.path("metadata").path("ownerReferences")) {
            if (owner.path("controller").asBoolean()) {
                return Optional.of(owner.path("uid").asText());
            }
        }
        return Optional.empty();
    }

    private static void closeQuietly(@Nullable AutoCloseable open) {
        if (open == null) {
            return;
        }
        try {
            open.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.atDebug().setCause(e).log("closing a watch failed");
        }
    }

    /// Events of one watch; those of an earlier watch are dropped.
    private final class Handler implements ObjectClient.WatchHandler {
        private final int mine;

        Handler(int mine) {
            this.mine = mine;
        }

        @Override
        public void onEvent(String type, ObjectNode object) {
            lock.lock();
            try {
                if (mine != epoch || closed) {
                    return;
                }
                switch (type) {
                    case "ADDED", "MODIFIED" -> put(trim.apply(object));
                    case "DELETED" -> removeLast(trim.apply(object));
                    default -> LOG.atDebug().addKeyValue("type", type).log("ignored watch event");
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onEnd() {
            boolean mineStill;
            lock.lock();
            try {
                mineStill = mine == epoch && !closed;
                if (mineStill) {
                    watch = null;
                }
            } finally {
                lock.unlock();
            }
            if (mineStill) {
                again(RELIST_PAUSE);
            }
        }
    }
}
