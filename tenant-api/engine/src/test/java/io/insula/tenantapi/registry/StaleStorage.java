package io.insula.tenantapi.registry;

import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StorageException;
import io.insula.tenantapi.storage.StoragePage;
import io.insula.tenantapi.storage.StoredValue;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// A storage whose memory has stopped to follow: what is at hand is what was noted, whatever others have written since.
/// Counts how often the latest was asked for. The answer to a write may get lost.
final class StaleStorage implements Storage {

    private final Storage store;
    private final Map<String, Optional<StoredValue>> atHand = new HashMap<>();
    private final AtomicInteger latestReads = new AtomicInteger();
    private boolean losesAnswers;

    StaleStorage(Storage store) {
        this.store = store;
    }

    /// From now on this is what is at hand of the key.
    void note(String key) {
        atHand.put(key, store.get(key));
    }

    /// From now on nobody hears what became of an update, which is made.
    void loseAnswers() {
        losesAnswers = true;
    }

    int latestReads() {
        return latestReads.get();
    }

    @Override
    public Optional<StoredValue> get(String collection, String key, Freshness freshness) {
        if (freshness == Freshness.AT_HAND && atHand.containsKey(key)) {
            return atHand.get(key);
        }
        latestReads.incrementAndGet();
        return store.get(key);
    }

    @Override
    public Optional<StoredValue> get(String key) {
        latestReads.incrementAndGet();
        return store.get(key);
    }

    @Override
    public long create(String key, byte[] value, Duration ttl) {
        return store.create(key, value, ttl);
    }

    @Override
    public long update(String key, byte[] value, long expectedRevision) {
        long revision = store.update(key, value, expectedRevision);
        if (losesAnswers) {
            throw new StorageException.Unavailable("no answer", null);
        }
        return revision;
    }

    @Override
    public long delete(String key, long expectedRevision) {
        return store.delete(key, expectedRevision);
    }

    @Override
    public StoragePage list(String prefix, String startKey, long revision, int limit) {
        return store.list(prefix, startKey, revision, limit);
    }

    @Override
    public long currentRevision() {
        return store.currentRevision();
    }

    @Override
    public Subscription watch(String prefix, long afterRevision, Listener listener) {
        return store.watch(prefix, afterRevision, listener);
    }

    @Override
    public void close() {
        store.close();
    }
}
