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

/// A store on which all watches of one prefix share one watch of the store below. A watch from a revision that the
/// shared one does not reach back to gets one of its own. Thread-safe: guarded by `this`, under which watchers only
/// queue.
public final class SharedWatchStorage implements Storage {

    private final Storage store;
    private final SharedWatchConfig config;
    private final Executor executor =
            task -> Thread.ofVirtual().name("shared-watch").start(task);
    private final Map<String, SharedWatch> shared = new HashMap<>();

    /// Owns `store` and closes it.
    public SharedWatchStorage(Storage store, SharedWatchConfig config) {
        this.store = store;
        this.config = config;
    }

    @Override
    public synchronized Subscription watch(String prefix, long afterRevision, Listener listener) {
        SharedWatch watch = shared.get(prefix);
        if (watch != null && !watch.reaches(afterRevision)) {
            return store.watch(prefix, afterRevision, listener);
        }
        if (watch == null) {
            watch = new SharedWatch(this, prefix, afterRevision, config, executor);
            shared.put(prefix, watch);
            watch.start(store);
        }
        return watch.add(afterRevision, listener);
    }

    /// How many watches of the store are shared now, for metrics and tests.
    public synchronized int sharedWatches() {
        return shared.size();
    }

    synchronized void forget(SharedWatch watch) {
        shared.remove(watch.prefix(), watch);
    }

    /// The last watcher has left: ends the shared watch later, unless another comes.
    void lastLeft(SharedWatch watch) {
        CompletableFuture.delayedExecutor(config.linger().toNanos(), TimeUnit.NANOSECONDS, executor)
                .execute(watch::endIfUnused);
    }

    @Override
    public long create(String key, byte[] value, Duration ttl) {
        return store.create(key, value, ttl);
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
    public long update(String key, byte[] value, long expectedRevision) {
        return store.update(key, value, expectedRevision);
    }

    @Override
    public long delete(String key, long expectedRevision) {
        return store.delete(key, expectedRevision);
    }

    @Override
    public long currentRevision() {
        return store.currentRevision();
    }

    /// Ends all watches with [StorageException.Unavailable].
    @Override
    public void close() {
        store.close();
    }
}
