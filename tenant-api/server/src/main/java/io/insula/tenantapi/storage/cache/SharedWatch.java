package io.insula.tenantapi.storage.cache;

import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StorageEvent;
import io.insula.tenantapi.storage.StorageException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// The one watch of a prefix, with the recent events that later watchers may ask for. Thread-safe: guarded by its
/// store, as joining and ending must exclude each other.
final class SharedWatch implements Storage.Listener {

    private final SharedWatchStorage owner;
    private final String prefix;
    private final SharedWatchConfig config;
    private final Executor executor;
    private final Deque<StorageEvent> window = new ArrayDeque<>();
    private final Set<Watcher> watchers = new LinkedHashSet<>();
    /// All events after this revision are in the window.
    private long complete;
    /// Everything up to this revision has been seen.
    private long reached;

    private long windowBytes;
    private Storage.@Nullable Subscription upstream;
    private boolean ended;

    SharedWatch(
            SharedWatchStorage owner, String prefix, long afterRevision, SharedWatchConfig config, Executor executor) {
        this.owner = owner;
        this.prefix = prefix;
        this.complete = afterRevision;
        this.reached = afterRevision;
        this.config = config;
        this.executor = executor;
    }

    String prefix() {
        return prefix;
    }

    /// With the owner's lock held.
    void start(Storage store) {
        upstream = store.watch(prefix, complete, this);
    }

    /// Whether a watch from there can be served. With the owner's lock held.
    boolean reaches(long afterRevision) {
        return afterRevision >= complete;
    }

    /// With the owner's lock held.
    Storage.Subscription add(long afterRevision, Storage.Listener listener) {
        var watcher = new Watcher(afterRevision, listener, config.queueEvents(), executor, this::leave);
        watchers.add(watcher);
        watcher.offer(List.copyOf(window));
        if (reached > afterRevision) {
            watcher.progress(reached);
        }
        return watcher;
    }

    @Override
    public void onEvents(List<StorageEvent> events) {
        synchronized (owner) {
            for (StorageEvent event : events) {
                window.addLast(event);
                windowBytes += size(event);
                reached = Math.max(reached, event.modRevision());
            }
            while (window.size() > config.windowEvents() || windowBytes > config.windowBytes()) {
                StorageEvent oldest = window.removeFirst();
                windowBytes -= size(oldest);
                complete = oldest.modRevision();
            }
            watchers.removeIf(watcher -> !watcher.offer(events));
            endLaterIfUnused();
        }
    }

    @Override
    public void onProgress(long revision) {
        synchronized (owner) {
            reached = Math.max(reached, revision);
            watchers.forEach(watcher -> watcher.progress(revision));
        }
    }

    @Override
    public void onError(StorageException error) {
        synchronized (owner) {
            ended = true;
            owner.forget(this);
            watchers.forEach(watcher -> watcher.end(error));
            watchers.clear();
        }
    }

    void endIfUnused() {
        synchronized (owner) {
            if (!ended && watchers.isEmpty()) {
                ended = true;
                owner.forget(this);
                if (upstream != null) {
                    upstream.close();
                }
            }
        }
    }

    private void leave(Watcher watcher) {
        synchronized (owner) {
            if (watchers.remove(watcher)) {
                endLaterIfUnused();
            }
        }
    }

    private void endLaterIfUnused() {
        if (!ended && watchers.isEmpty()) {
            owner.lastLeft(this);
        }
    }

    private static long size(StorageEvent event) {
        byte[] value = event.value();
        byte[] previous = event.previous();
        return 100L + (value == null ? 0 : value.length) + (previous == null ? 0 : previous.length);
    }
}
