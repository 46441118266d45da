package io.insula.tenantapi.storage.cache;

import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StoragePage;
import io.insula.tenantapi.storage.StoredValue;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A store of which one watch is followed while anybody watches or reads much: all watches of a prefix share its
/// events, and collections that are read often are kept in memory. A watch from a revision that is not known any more
/// gets one of its own. Nothing is followed, kept or run while nobody asks.
///
/// Reads of the latest state stay linearizable: the store's revision is read, one such read for all who wait, and the
/// memory answers when it has come so far. Thread-safe: `lock` guards what is shared; the feed guards its followers.
public final class CachedStorage implements Storage {

    /// How far back a feed begins for the sake of its first watcher.
    private static final long LOOK_BACK = 1_000;

    private final Storage store;
    private final CacheConfig config;
    private final Executor executor =
            task -> Thread.ofVirtual().name("store-cache").start(task);
    private final RevisionReader revisions;
    private final CachedCollections collections;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, SharedWatch> shared = new HashMap<>();
    private @Nullable Feed feed;

    /// Owns `store` and closes it.
    public CachedStorage(Storage store, CacheConfig config) {
        this.store = store;
        this.config = config;
        revisions = new RevisionReader(store::currentRevision, executor);
        collections = new CachedCollections(store, config.collections(), () -> feed(0), executor, this::endFeedLater);
    }

    @Override
    public Subscription watch(String prefix, long afterRevision, Listener listener) {
        if (!prefix.endsWith("/")) {
            return store.watch(prefix, afterRevision, listener);
        }
        SharedWatch watch = sharedWatch(prefix, afterRevision);
        Subscription joined = watch == null ? null : watch.add(afterRevision, listener);
        return joined == null ? store.watch(prefix, afterRevision, listener) : joined;
    }

    private @Nullable SharedWatch sharedWatch(String prefix, long afterRevision) {
        lock.lock();
        try {
            SharedWatch known = shared.get(prefix);
            if (known != null) {
                return known;
            }
            var fresh = new SharedWatch(feed(afterRevision), prefix, afterRevision, config, executor, this::lastLeft);
            if (!fresh.start()) {
                return null;
            }
            shared.put(prefix, fresh);
            return fresh;
        } finally {
            lock.unlock();
        }
    }

    /// The running feed, or one that begins at `afterRevision` if that is not long ago.
    private Feed feed(long afterRevision) {
        lock.lock();
        try {
            Feed known = feed;
            if (known != null && !known.isEnded()) {
                return known;
            }
            long now = store.currentRevision();
            boolean recent = afterRevision <= now && afterRevision > now - LOOK_BACK;
            var fresh = new Feed(recent ? afterRevision : now);
            fresh.start(store);
            feed = fresh;
            return fresh;
        } finally {
            lock.unlock();
        }
    }

    /// How many prefixes are watched now, for metrics and tests.
    public int sharedWatches() {
        lock.lock();
        try {
            return shared.size();
        } finally {
            lock.unlock();
        }
    }

    /// How many collections are in memory now, for metrics and tests.
    public int cachedCollections() {
        return collections.live();
    }

    /// Whether anything of the store is followed now.
    boolean isFollowing() {
        lock.lock();
        try {
            return feed != null && !feed.isEnded();
        } finally {
            lock.unlock();
        }
    }

    /// The last watcher has left, or the feed has ended. Called with the feed's lock held: acts later.
    private void lastLeft(SharedWatch watch) {
        later(() -> {
            lock.lock();
            try {
                if (watch.endIfUnused()) {
                    shared.remove(watch.prefix(), watch);
                    endFeedLater();
                }
            } finally {
                lock.unlock();
            }
        });
    }

    private void endFeedLater() {
        later(() -> {
            lock.lock();
            try {
                Feed running = feed;
                if (running != null && running.isUnused()) {
                    running.close();
                    feed = null;
                }
            } finally {
                lock.unlock();
            }
        });
    }

    private void later(Runnable task) {
        CompletableFuture.delayedExecutor(config.linger().toNanos(), TimeUnit.NANOSECONDS, executor)
                .execute(task);
    }

    @Override
    public Optional<StoredValue> get(String collection, String key, Freshness freshness) {
        CachedCollection cached = collections.find(collection, freshness);
        if (cached != null && cached.reaches(needed(cached, freshness))) {
            Optional<StoredValue> value = cached.get(key);
            // nothing found in what has just been let go says nothing
            if (value.isPresent() || cached.isLive()) {
                return value;
            }
        }
        return store.get(key);
    }

    @Override
    public StoragePage list(String collection, String prefix, int limit, Freshness freshness) {
        CachedCollection cached = collections.find(collection, freshness);
        if (cached != null && cached.reaches(needed(cached, freshness))) {
            StoragePage page = cached.list(prefix, limit);
            if (page != null) {
                return page;
            }
        }
        return store.list(prefix, "", 0, limit);
    }

    @Override
    public State state(String collection, Freshness freshness) {
        CachedCollection cached = collections.find(collection, freshness);
        return cached != null && cached.reaches(needed(cached, freshness)) ? cached.state() : State.UNKNOWN;
    }

    private long needed(CachedCollection cached, Freshness freshness) {
        return switch (freshness) {
            case LATEST -> revisions.read();
            case OWN_WRITES, AT_HAND -> cached.acknowledged();
        };
    }

    @Override
    public long create(String key, byte[] value, Duration ttl) {
        return collections.acknowledged(key, store.create(key, value, ttl));
    }

    @Override
    public long update(String key, byte[] value, long expectedRevision) {
        return collections.acknowledged(key, store.update(key, value, expectedRevision));
    }

    @Override
    public long delete(String key, long expectedRevision) {
        return collections.acknowledged(key, store.delete(key, expectedRevision));
    }

    @Override
    public Optional<StoredValue> get(String key) {
        return store.get(key);
    }

    @Override
    public StoragePage list(String prefix, String startKey, long revision, int limit) {
        return store.list(prefix, startKey, revision, limit);
    }

    @Override
    public long currentRevision() {
        return revisions.read();
    }

    @Override
    public Optional<String> readOnlyBecause() {
        return store.readOnlyBecause();
    }

    /// Ends all watches with [io.insula.tenantapi.storage.StorageException.Unavailable].
    @Override
    public void close() {
        collections.close();
        store.close();
    }
}
