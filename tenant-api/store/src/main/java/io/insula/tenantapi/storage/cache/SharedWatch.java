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
import java.util.function.Consumer;

/// The watchers of one prefix, with the recent events that later ones may ask for. Thread-safe: guarded by the feed, as
/// joining and ending must exclude each other and the events.
final class SharedWatch implements Feed.Subscriber {

    private final Feed feed;
    private final String prefix;
    private final CacheConfig config;
    private final Executor executor;
    private final Consumer<SharedWatch> onLastLeft;
    private final Deque<StorageEvent> window = new ArrayDeque<>();
    private final Set<Watcher> watchers = new LinkedHashSet<>();
    /// All events after this revision are in the window.
    private long complete;

    private long windowBytes;
    private boolean ended;

    /// @param onLastLeft hears when nobody watches any more, with the feed's lock held
    SharedWatch(
            Feed feed,
            String prefix,
            long afterRevision,
            CacheConfig config,
            Executor executor,
            Consumer<SharedWatch> onLastLeft) {
        this.feed = feed;
        this.prefix = prefix;
        this.complete = afterRevision;
        this.config = config;
        this.executor = executor;
        this.onLastLeft = onLastLeft;
    }

    String prefix() {
        return prefix;
    }

    /// Begins to follow the feed.
    ///
    /// @return false when the feed does not reach back so far
    boolean start() {
        synchronized (feed) {
            List<StorageEvent> past = feed.subscribe(prefix, complete, this);
            if (past == null) {
                return false;
            }
            keep(past);
            return true;
        }
    }

    /// Joins one more.
    ///
    /// @return null when a watch from there cannot be served, or not any more
    Storage.@org.jspecify.annotations.Nullable Subscription add(long afterRevision, Storage.Listener listener) {
        synchronized (feed) {
            if (ended || afterRevision < complete) {
                return null;
            }
            var watcher = new Watcher(afterRevision, listener, this);
            watchers.add(watcher);
            watcher.offer(List.copyOf(window));
            watcher.progress(feed.reached());
            return watcher;
        }
    }

    Executor executor() {
        return executor;
    }

    /// How many events may wait for one watcher.
    int queueEvents() {
        return config.queueEvents();
    }

    @Override
    public void onEvents(List<StorageEvent> events) {
        keep(events);
        watchers.removeIf(watcher -> !watcher.offer(events));
        tellIfUnused();
    }

    @Override
    public void onProgress(long revision) {
        watchers.forEach(watcher -> watcher.progress(revision));
    }

    @Override
    public void onEnd(StorageException error) {
        ended = true;
        watchers.forEach(watcher -> watcher.end(error));
        watchers.clear();
        window.clear();
        onLastLeft.accept(this);
    }

    /// Whether it has ended, now if nobody watches.
    boolean endIfUnused() {
        synchronized (feed) {
            if (!ended && watchers.isEmpty()) {
                ended = true;
                feed.unsubscribe(prefix, this);
            }
            return ended;
        }
    }

    void leave(Watcher watcher) {
        synchronized (feed) {
            if (watchers.remove(watcher)) {
                tellIfUnused();
            }
        }
    }

    void tellProgress(Watcher watcher) {
        synchronized (feed) {
            watcher.tellProgress(feed.reached());
        }
    }

    private void tellIfUnused() {
        if (!ended && watchers.isEmpty()) {
            onLastLeft.accept(this);
        }
    }

    private void keep(List<StorageEvent> events) {
        for (StorageEvent event : events) {
            window.addLast(event);
            windowBytes += size(event);
        }
        while (window.size() > config.windowEvents() || windowBytes > config.windowBytes()) {
            StorageEvent oldest = window.removeFirst();
            windowBytes -= size(oldest);
            complete = oldest.modRevision();
        }
    }

    static long size(StorageEvent event) {
        byte[] value = event.value();
        byte[] previous = event.previous();
        return 100L + (value == null ? 0 : value.length) + (previous == null ? 0 : previous.length);
    }
}
