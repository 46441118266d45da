package io.insula.tenantapi.storage.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.storage.StorageException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real etcd that holds very little.
class EtcdSpaceTest {

    private static final long QUOTA = 4 << 20;
    private static final Duration TICK = Duration.ofMillis(50);

    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();

    @TempDir
    private Path folder;

    private EtcdProcess etcd;
    private EtcdStorage storage;

    EtcdRelease release() {
        return EtcdRelease.INSTALLED;
    }

    @BeforeEach
    void start() {
        etcd = EtcdProcess.startWithQuota(release(), folder, QUOTA);
        storage = new EtcdStorage(EtcdConfig.plain(etcd.endpoint()));
    }

    @AfterEach
    void stop() {
        scheduler.shutdownNow();
        storage.close();
        etcd.close();
    }

    @Test
    void saysThatNothingWasWrittenAndThatTheStoreIsReadOnly() {
        assertThat(storage.readOnlyBecause()).isEmpty();
        List<String> keys = fill();

        assertThatThrownBy(() -> storage.create("/more", new byte[1], Duration.ZERO))
                .isInstanceOf(StorageException.NoSpace.class);
        assertThat(storage.get("/more")).isEmpty();
        long revision = storage.get(keys.getFirst()).orElseThrow().modRevision();
        assertThatThrownBy(() -> storage.update(keys.getFirst(), new byte[1], revision))
                .isInstanceOf(StorageException.NoSpace.class);
        assertThat(storage.get(keys.getFirst()).orElseThrow().modRevision()).isEqualTo(revision);
        assertThatThrownBy(() -> storage.create("/with-lease", new byte[1], Duration.ofMinutes(1)))
                .isInstanceOf(StorageException.NoSpace.class);
        assertThat(storage.readOnlyBecause())
                .hasValueSatisfying(why -> assertThat(why).contains("out of space"));
    }

    @Test
    void takesWritesAgainWhenEnoughWasDeleted() {
        try (var _ = EtcdSpace.start(storage, scheduler, TICK, QUOTA)) {
            List<String> keys = fill();
            // One is not enough; nothing but history is compacted by then.
            delete(keys.removeLast());
            assertThat(storage.readOnlyBecause()).isPresent();
            keys.forEach(this::delete);

            await(() -> storage.readOnlyBecause().isEmpty());
            storage.create("/more", new byte[100_000], Duration.ZERO);
        }
    }

    @Test
    void freesHistoryWithoutBeingAsked() {
        try (var _ = EtcdSpace.start(storage, scheduler, TICK, QUOTA)) {
            long revision = storage.create("/one", new byte[1], Duration.ZERO);
            for (int i = 0; i < 200; i++) {
                revision = updateSomehow(revision, new byte[100_000 + i]);
            }
            assertThat(storage.get("/one").orElseThrow().value()).hasSize(100_199);
        }
    }

    @Test
    void learnsOfAnAlarmThatAnotherServerRaised() {
        fill();
        try (var other = new EtcdStorage(EtcdConfig.plain(etcd.endpoint()));
                var _ = EtcdSpace.start(other, scheduler, TICK, QUOTA)) {
            await(() -> other.readOnlyBecause().isPresent());
        }
    }

    private long updateSomehow(long expected, byte[] value) {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        while (true) {
            try {
                return storage.update("/one", value, expected);
            } catch (StorageException.NoSpace e) {
                assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
                LockSupport.parkNanos(TICK.toNanos());
            }
        }
    }

    private void delete(String key) {
        storage.delete(key, storage.get(key).orElseThrow().modRevision());
    }

    /// Until nothing more fits. Answers the keys.
    private List<String> fill() {
        var keys = new ArrayList<String>();
        while (true) {
            String key = "/fill/%05d".formatted(keys.size());
            try {
                storage.create(key, new byte[100_000], Duration.ZERO);
                keys.add(key);
            } catch (StorageException.NoSpace e) {
                return keys;
            }
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
