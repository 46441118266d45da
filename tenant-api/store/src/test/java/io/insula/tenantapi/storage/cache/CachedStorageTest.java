package io.insula.tenantapi.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.storage.RecordingListener;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StorageContract;
import io.insula.tenantapi.storage.StorageEvent;
import io.insula.tenantapi.storage.StorageException;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CachedStorageTest implements StorageContract {

    private static final Duration LINGER = Duration.ofMillis(50);
    private static final CacheConfig.Collections COLLECTIONS = new CacheConfig.Collections(
            Duration.ofMillis(200), Duration.ofMillis(600), 50, 100_000, Duration.ofSeconds(20));

    private final InMemoryStorage memory = new InMemoryStorage();
    private final CachedStorage storage =
            new CachedStorage(memory, new CacheConfig(LINGER, 10, 1_000_000, 300, COLLECTIONS));

    @AfterEach
    void close() {
        storage.close();
    }

    @Override
    public Storage storage() {
        return storage;
    }

    @Override
    public void compact(long revision) {
        memory.compact(revision);
    }

    @Test
    void watchersOfAPrefixShareOneWatchWhichEndsAfterTheLast() {
        long start = storage.currentRevision();
        var listeners = List.of(new RecordingListener(), new RecordingListener(), new RecordingListener());
        var subscriptions = new ArrayList<Storage.Subscription>();
        listeners.forEach(listener -> subscriptions.add(storage.watch("/a/", start, listener)));

        long revision = storage.create("/a/1", StorageContract.bytes("x"), Duration.ZERO);

        listeners.forEach(listener -> {
            listener.await(1);
            assertThat(listener.texts()).containsExactly("/a/1=x@" + revision);
        });
        assertThat(storage.sharedWatches()).isEqualTo(1);
        subscriptions.forEach(Storage.Subscription::close);
        await(() -> storage.sharedWatches() == 0);
    }

    @Test
    void servesThePastFromTheWindowAndFromTheStore() {
        long start = storage.currentRevision();
        var first = new RecordingListener();
        try (var _ = storage.watch("/a/", start, first)) {
            for (int i = 0; i < 30; i++) {
                storage.create("/a/" + i, StorageContract.bytes("x"), Duration.ZERO);
            }
            List<StorageEvent> all = first.await(30);
            for (int skip : List.of(0, 1, 19, 20, 25, 29, 30)) {
                var later = new RecordingListener();
                try (var _ = storage.watch("/a/", start + skip, later)) {
                    long last = storage.create("/b/" + skip, StorageContract.bytes("x"), Duration.ZERO);
                    assertThat(later.await(30 - skip)).as("after " + skip).isEqualTo(all.subList(skip, 30));
                    assertThat(last).isGreaterThan(start);
                }
            }
        }
    }

    @Test
    void endsAWatcherThatIsTooSlowAndNoOther() {
        var blocked = new CompletableFuture<Void>();
        var errors = new CompletableFuture<StorageException>();
        var fast = new RecordingListener();
        long start = storage.currentRevision();
        storage.watch("/a/", start, new Storage.Listener() {
            @Override
            public void onEvents(List<StorageEvent> events) {
                blocked.orTimeout(3, TimeUnit.MINUTES).join();
            }

            @Override
            public void onProgress(long revision) {}

            @Override
            public void onError(StorageException error) {
                errors.complete(error);
            }
        });
        try (var _ = storage.watch("/a/", start, fast)) {
            for (int i = 0; i < 400; i++) {
                storage.create("/a/" + i, StorageContract.bytes("x"), Duration.ZERO);
                fast.await(i + 1);
            }
            blocked.complete(null);

            assertThat(errors.orTimeout(3, TimeUnit.MINUTES).join()).isInstanceOf(StorageException.Unavailable.class);
            assertThat(fast.texts()).hasSize(400);
        }
    }

    @Test
    void passesProgressOn() {
        var early = new RecordingListener();
        var late = new RecordingListener();
        long start = storage.currentRevision();
        try (var _ = storage.watch("/a/", start, early)) {
            long other = storage.create("/b/1", StorageContract.bytes("x"), Duration.ZERO);
            memory.announceProgress();
            assertThat(early.awaitProgress()).isEqualTo(other);

            try (var _ = storage.watch("/a/", start, late)) {
                assertThat(late.awaitProgress()).isEqualTo(other);
            }
        }
    }

    private static void await(BooleanSupplier ready) {
        long end = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        while (!ready.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
