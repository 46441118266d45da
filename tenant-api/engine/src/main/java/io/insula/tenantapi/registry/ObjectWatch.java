package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StorageEvent;
import io.insula.tenantapi.storage.StorageException;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One running watch: turns the store's changes into events for one sink. Thread-safe: guarded by `lock`, under which
/// the sink is called (it never blocks).
final class ObjectWatch implements Storage.Listener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ObjectWatch.class);

    private final ReentrantLock lock = new ReentrantLock();
    private final StoredKind kind;
    private final Selection selection;
    private final StoredObjects objects;
    private final WatchSink sink;
    private final String prefix;
    private long revision;
    private boolean ended;
    private boolean bookmarkDue;
    private Storage.@Nullable Subscription subscription;
    private List<Future<?>> timers = List.of();

    /// @param revision up to which the sink knows everything
    ObjectWatch(
            StoredKind kind, String prefix, Selection selection, StoredObjects objects, WatchSink sink, long revision) {
        this.kind = kind;
        this.prefix = prefix;
        this.selection = selection;
        this.objects = objects;
        this.sink = sink;
        this.revision = revision;
    }

    /// Begins to receive from the store; ends at once what has been closed meanwhile.
    void start(Storage storage) {
        Storage.Subscription started = storage.watch(prefix, revision, this);
        lock.lock();
        try {
            subscription = started;
            if (!ended) {
                return;
            }
        } finally {
            lock.unlock();
        }
        started.close();
    }

    void timers(List<Future<?>> running) {
        lock.lock();
        try {
            timers = List.copyOf(running);
            if (ended) {
                timers.forEach(t -> t.cancel(false));
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onEvents(List<StorageEvent> events) {
        lock.lock();
        try {
            for (StorageEvent event : events) {
                if (ended) {
                    return;
                }
                deliver(event);
                revision = Math.max(revision, event.modRevision());
            }
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).addKeyValue("kind", kind.spec().kind()).log("watch event cannot be delivered");
            fail(ApiException.internal("watch event cannot be decoded", e));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onProgress(long reached) {
        lock.lock();
        try {
            revision = Math.max(revision, reached);
            if (bookmarkDue && !ended) {
                bookmarkDue = false;
                send("BOOKMARK", bookmarkObject(false));
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onError(StorageException error) {
        lock.lock();
        try {
            if (error instanceof StorageException.Compacted compacted) {
                fail(ApiException.expired("too old resource version: " + revision + " (" + compacted.oldest() + ")"));
            } else {
                end();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Sends a bookmark that closes the initial events.
    void bookmarkInitialEnd() {
        lock.lock();
        try {
            if (!ended) {
                send("BOOKMARK", bookmarkObject(true));
            }
        } finally {
            lock.unlock();
        }
    }

    /// Sends a bookmark at what the store has reached, behind the events up to there; where the store does not say so
    /// when asked, at what has been seen.
    void bookmark() {
        Storage.Subscription asked;
        lock.lock();
        try {
            bookmarkDue = !ended;
            asked = subscription;
        } finally {
            lock.unlock();
        }
        if (asked == null || !asked.askProgress()) {
            onProgress(0);
        }
    }

    /// Sends one object of the initial state.
    boolean initial(ObjectNode object) {
        lock.lock();
        try {
            return !ended && send("ADDED", object);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            end();
        } finally {
            lock.unlock();
        }
    }

    private void fail(ApiException error) {
        if (!ended) {
            send("ERROR", error.status().deepCopy());
            end();
        }
    }

    /// What a watcher sees depends on whether the object matched before and matches now.
    /// Source: kubernetes/apiserver, `etcd3/watcher.go` (transform).
    private void deliver(StorageEvent event) {
        boolean everything = selection.isEverything();
        if (event.value() != null) {
            ObjectNode now = objects.decode(kind, event.value(), event.modRevision());
            boolean matched = event.previous() != null && (everything || selection.matches(previous(event)));
            boolean matches = everything || selection.matches(now);
            if (matches) {
                send(matched ? "MODIFIED" : "ADDED", now);
            } else if (matched) {
                send("DELETED", previous(event));
            }
        } else if (event.previous() != null) {
            ObjectNode before = previous(event);
            if (everything || selection.matches(before)) {
                send("DELETED", before);
            }
        } else {
            // the last state is not known any more: only a fresh list can tell the client what went
            fail(ApiException.expired("too old resource version: " + revision + " (" + event.modRevision() + ")"));
        }
    }

    /// The state before, as the event shows it: with the revision of the change.
    private ObjectNode previous(StorageEvent event) {
        byte[] bytes = event.previous();
        if (bytes == null) {
            throw new IllegalStateException("no previous value: " + event.key());
        }
        return objects.decode(kind, bytes, event.modRevision());
    }

    private ObjectNode bookmarkObject(boolean initialEnd) {
        ObjectNode object = Json.object();
        object.put("kind", kind.spec().kind().kind());
        object.put("apiVersion", kind.spec().kind().apiVersion());
        ObjectNode metadata = Meta.of(object);
        metadata.put("resourceVersion", Long.toString(revision));
        metadata.putNull("creationTimestamp");
        if (initialEnd) {
            metadata.putObject("annotations").put("k8s.io/initial-events-end", "true");
        }
        return object;
    }

    private boolean send(String type, ObjectNode object) {
        if (!sink.onEvent(type, object)) {
            end();
            return false;
        }
        return true;
    }

    private void end() {
        if (ended) {
            return;
        }
        ended = true;
        timers.forEach(t -> t.cancel(false));
        if (subscription != null) {
            subscription.close();
        }
        sink.onEnd();
    }
}
