package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The objects of one resource, each as something compiled, by name. Read at the first question, then kept in step by
/// a watch and by [#written]; after [#IDLE] without a question, or when the watch has ended, all is let go and the next
/// question reads again.
///
/// Thread-safe: guarded by `lock`; readers take an immutable image.
final class Declarations<T> implements AutoCloseable {

    static final Duration IDLE = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(Declarations.class);

    private final GroupVersionResource resource;
    private final Supplier<ObjectClient> client;
    private final Function<ObjectNode, T> compile;
    private final Executor later;
    private final ReentrantLock lock = new ReentrantLock();
    private final TreeMap<String, Entry<T>> known = new TreeMap<>();
    private volatile @Nullable List<T> image;
    private @Nullable AutoCloseable watch;
    private @Nullable Follower follower;
    private volatile boolean used;
    private boolean closed;

    /// @param version of what it declares: the object's uid and generation, which its status does not change
    /// @param value null once the object has gone
    private record Entry<T>(
            long revision, String version, @Nullable T value) {}

    Declarations(GroupVersionResource resource, Supplier<ObjectClient> client, Function<ObjectNode, T> compile) {
        this(resource, client, compile, CompletableFuture.delayedExecutor(IDLE.toMillis(), TimeUnit.MILLISECONDS));
    }

    /// @param later runs a task after about [#IDLE]
    Declarations(
            GroupVersionResource resource,
            Supplier<ObjectClient> client,
            Function<ObjectNode, T> compile,
            Executor later) {
        this.resource = resource;
        this.client = client;
        this.compile = compile;
        this.later = later;
    }

    boolean isRunning() {
        return image != null;
    }

    GroupVersionResource resource() {
        return resource;
    }

    /// All of them, by name.
    List<T> all() {
        used = true;
        List<T> current = image;
        return current != null ? current : read();
    }

    /// Lets go of everything unless somebody has asked since the last time.
    private void rest() {
        if (used && image != null) {
            used = false;
            later.execute(this::rest);
        } else {
            stop(false);
        }
    }

    /// Tells of an object that this server has stored or removed.
    void written(ObjectNode object, boolean gone) {
        lock.lock();
        try {
            if (image != null) {
                put(object, gone);
                publish();
            }
        } finally {
            lock.unlock();
        }
    }

    private List<T> read() {
        lock.lock();
        try {
            List<T> current = image;
            if (current != null || closed) {
                return current == null ? List.of() : current;
            }
            ObjectClient.ObjectList list = client.get().list(resource, "", ObjectClient.Query.ALL);
            known.clear();
            list.items().forEach(object -> put(object, false));
            var started = new Follower();
            follower = started;
            watch = client.get().watch(resource, "", list.resourceVersion(), ObjectClient.Query.ALL, started);
            later.execute(this::rest);
            return publish();
        } finally {
            lock.unlock();
        }
    }

    private void put(ObjectNode object, boolean gone) {
        long revision = Long.parseLong(Meta.resourceVersion(object));
        Entry<T> before = known.get(Meta.name(object));
        if (before != null && before.revision() >= revision) {
            return;
        }
        long generation = Meta.generation(object);
        String version = Meta.uid(object) + " " + generation;
        T same = before != null && generation > 0 && version.equals(before.version()) ? before.value() : null;
        T value = gone ? null : same != null ? same : compile.apply(object);
        known.put(Meta.name(object), new Entry<>(revision, version, value));
    }

    private List<T> publish() {
        List<T> next = known.values().stream()
                .map(Entry::value)
                .filter(java.util.Objects::nonNull)
                .map(java.util.Objects::requireNonNull)
                .toList();
        image = next;
        return next;
    }

    @Override
    public void close() {
        stop(true);
    }

    private void stop(boolean forever) {
        AutoCloseable running;
        lock.lock();
        try {
            closed |= forever;
            image = null;
            running = watch;
            watch = null;
            follower = null;
        } finally {
            lock.unlock();
        }
        if (running == null) {
            return;
        }
        try {
            running.close();
        } catch (Exception e) {
            LOG.atDebug().setCause(e).log("watch did not close");
        }
    }

    private boolean isCurrent(Object one) {
        lock.lock();
        try {
            return one.equals(follower);
        } finally {
            lock.unlock();
        }
    }

    private final class Follower implements ObjectClient.WatchHandler {
        @Override
        public void onEvent(String type, ObjectNode object) {
            try {
                written(object, type.equals("DELETED"));
            } catch (ApiException | NumberFormatException e) {
                LOG.atWarn()
                        .setCause(e)
                        .addKeyValue("kind", resource.resource())
                        .log("declaration is ignored");
            }
        }

        @Override
        public void onEnd() {
            if (isCurrent(this)) {
                stop(false);
            }
        }
    }
}
