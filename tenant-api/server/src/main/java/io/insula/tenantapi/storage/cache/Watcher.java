package io.insula.tenantapi.storage.cache;

import io.insula.tenantapi.storage.SerialExecutor;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StorageEvent;
import io.insula.tenantapi.storage.StorageException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// One of those who share a watch: what waits for its listener is bounded. Thread-safe; calls to the listener are
/// serial.
final class Watcher implements Storage.Subscription {

    private final long afterRevision;
    private final Storage.Listener listener;
    private final int limit;
    private final SerialExecutor calls;
    private final Consumer<Watcher> onLeave;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean ended = new AtomicBoolean();

    Watcher(long afterRevision, Storage.Listener listener, int limit, Executor executor, Consumer<Watcher> onLeave) {
        this.afterRevision = afterRevision;
        this.listener = listener;
        this.limit = limit;
        this.calls = new SerialExecutor(executor);
        this.onLeave = onLeave;
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
        if (waiting.addAndGet(wanted.size()) > limit) {
            end(new StorageException.Unavailable("watcher too slow: more than " + limit + " events behind", null));
            return false;
        }
        calls.execute(() -> {
            waiting.addAndGet(-wanted.size());
            if (!ended.get()) {
                listener.onEvents(wanted);
            }
        });
        return true;
    }

    void progress(long revision) {
        if (revision > afterRevision) {
            calls.execute(() -> {
                if (!ended.get()) {
                    listener.onProgress(revision);
                }
            });
        }
    }

    /// Ends at once: what waits is not delivered any more.
    void end(StorageException error) {
        if (ended.compareAndSet(false, true)) {
            calls.execute(() -> listener.onError(error));
        }
    }

    @Override
    public void close() {
        ended.set(true);
        onLeave.accept(this);
    }
}
