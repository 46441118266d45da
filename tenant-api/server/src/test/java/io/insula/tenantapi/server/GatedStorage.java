package io.insula.tenantapi.server;

import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StorageException;
import io.insula.tenantapi.storage.StoragePage;
import io.insula.tenantapi.storage.StoredValue;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A store in memory that a test can make slow or take away. Thread-safe.
final class GatedStorage implements Storage {

    private static final int DEADLINE_SECONDS = 180;

    private final Storage storage = new InMemoryStorage();
    private final AtomicInteger held = new AtomicInteger();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile boolean down;
    private volatile @Nullable String readOnly;

    /// From now on reads of keys that name `slow` wait.
    void hold() {
        gate = new CountDownLatch(1);
    }

    void release() {
        gate.countDown();
    }

    /// Reads that wait now.
    int held() {
        return held.get();
    }

    void down(boolean gone) {
        down = gone;
    }

    @Override
    public Optional<StoredValue> get(String key) {
        if (key.contains("slow")) {
            held.incrementAndGet();
            try {
                boolean _ = gate.await(DEADLINE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                held.decrementAndGet();
            }
        }
        return storage.get(key);
    }

    /// Answers reads and removals only, for null everything.
    void readOnly(@Nullable String why) {
        readOnly = why;
    }

    @Override
    public Optional<String> readOnlyBecause() {
        return Optional.ofNullable(readOnly);
    }

    private void requireSpace(String key) {
        if (readOnly != null) {
            throw new StorageException.NoSpace("write " + key, null);
        }
    }

    @Override
    public long currentRevision() {
        if (down) {
            throw new StorageException.Unavailable("the test took it away", new IllegalStateException("down"));
        }
        return storage.currentRevision();
    }

    @Override
    public long create(String key, byte[] value, Duration ttl) {
        requireSpace(key);
        return storage.create(key, value, ttl);
    }

    @Override
    public StoragePage list(String prefix, String startKey, long revision, int limit) {
        return storage.list(prefix, startKey, revision, limit);
    }

    @Override
    public long update(String key, byte[] value, long expectedRevision) {
        requireSpace(key);
        return storage.update(key, value, expectedRevision);
    }

    @Override
    public long delete(String key, long expectedRevision) {
        return storage.delete(key, expectedRevision);
    }

    @Override
    public Subscription watch(String prefix, long afterRevision, Listener listener) {
        return storage.watch(prefix, afterRevision, listener);
    }

    @Override
    public void close() {
        storage.close();
    }
}
