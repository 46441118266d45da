package io.insula.tenantapi.storage.cache;

import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StorageEvent;
import io.insula.tenantapi.storage.StorageException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One of those who share a watch: what waits for its listener is bounded. Small, as there may be a hundred thousand:
/// the queue exists only while something waits. Thread-safe: guarded by `this`; calls to the listener are serial, on a
/// thread that exists only while there is something to deliver.
final class Watcher implements Storage.Subscription {

    private static final Logger LOG = LoggerFactory.getLogger(Watcher.class);

    private final SharedWatch watch;
    private final long afterRevision;
    private final Storage.Listener listener;
    private @Nullable Queue<Runnable> queue;
    private int waiting;
    private boolean ended;

    Watcher(long afterRevision, Storage.Listener listener, SharedWatch watch) {
        this.afterRevision = afterRevision;
        this.listener = listener;
        this.watch = watch;
    }

    /// Queues what the watcher has not asked to skip.
    ///
    /// @return false when it is too slow: it has been ended
    boolean offer(List<StorageEvent> events) {
        if (events.isEmpty()) {
            return true;
        }
        List<StorageEvent> wanted = events.getFirst().modRevision() > afterRevision
                ? events
                : events.stream()
                        .filter(event -> event.modRevision() > afterRevision)
                        .toList();
        if (wanted.isEmpty()) {
            return true;
        }
        int limit = watch.queueEvents();
        synchronized (this) {
            waiting += wanted.size();
            if (waiting <= limit) {
                execute(() -> deliver(wanted));
                return true;
            }
        }
        end(new StorageException.Unavailable("watcher too slow: more than " + limit + " events behind", null));
        return false;
    }

    private void deliver(List<StorageEvent> events) {
        synchronized (this) {
            waiting -= events.size();
            if (ended) {
                return;
            }
        }
        listener.onEvents(events);
    }

    void progress(long revision) {
        if (revision > afterRevision) {
            tellProgress(revision);
        }
    }

    /// Tells it even if there is none.
    void tellProgress(long revision) {
        execute(() -> {
            if (!isEnded()) {
                listener.onProgress(Math.max(revision, afterRevision));
            }
        });
    }

    /// Ends at once: what waits is not delivered any more.
    void end(StorageException error) {
        synchronized (this) {
            if (!ended) {
                ended = true;
                execute(() -> listener.onError(error));
            }
        }
    }

    @Override
    public boolean askProgress() {
        watch.tellProgress(this);
        return true;
    }

    @Override
    public void close() {
        synchronized (this) {
            ended = true;
        }
        watch.leave(this);
    }

    private synchronized boolean isEnded() {
        return ended;
    }

    private synchronized void execute(Runnable task) {
        if (queue != null) {
            queue.add(task);
            return;
        }
        queue = new ArrayDeque<>(2);
        queue.add(task);
        watch.executor().execute(this::drain);
    }

    private void drain() {
        for (Runnable task = next(); task != null; task = next()) {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("watcher failed");
            }
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable task = queue == null ? null : queue.poll();
        if (task == null) {
            queue = null;
        }
        return task;
    }
}
