package io.insula.tenantapi.storage.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.storage.StorageContract;
import io.insula.tenantapi.storage.StorageException;
import java.nio.file.Path;
import java.time.Duration;
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

class EtcdCompactorTest {

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
        etcd = EtcdProcess.start(release(), folder);
        storage = new EtcdStorage(EtcdConfig.plain(etcd.endpoint()));
    }

    @AfterEach
    void stop() {
        scheduler.shutdownNow();
        storage.close();
        etcd.close();
    }

    @Test
    void historyEndsThoughNothingIsWritten() {
        long revision = storage.create("/a", StorageContract.bytes("x"), Duration.ZERO);

        try (var _ = EtcdCompactor.start(storage, scheduler, TICK)) {
            await(() -> isCompacted(revision));
        }

        assertThat(storage.get("/a")).isPresent();
        assertThatThrownBy(() -> storage.list("/", "", revision, 0)).isInstanceOf(StorageException.Compacted.class);
    }

    @Test
    void goesOnAfterARestartAndBesideAnotherServer() {
        try (var _ = EtcdCompactor.start(storage, scheduler, TICK)) {
            await(() -> storage.get("compact_rev_key").isPresent());
        }
        long revision = storage.create("/a", StorageContract.bytes("x"), Duration.ZERO);

        try (var _ = EtcdCompactor.start(storage, scheduler, TICK);
                var _ = EtcdCompactor.start(storage, scheduler, TICK)) {
            await(() -> isCompacted(revision));
        }
    }

    /// All tenants' clocks tick on one thread.
    @Test
    void holdsNobodyUpWhileAnEtcdDoesNotAnswer() throws Exception {
        var patient = new EtcdConfig(List.of(etcd.endpoint()), null, Duration.ofHours(1));
        try (var hung = new EtcdStorage(patient);
                var _ = EtcdCompactor.start(hung, scheduler, TICK)) {
            await(() -> storage.get("compact_rev_key").isPresent());
            etcd.freeze();

            for (int i = 0; i < 10; i++) {
                scheduler
                        .schedule(() -> {}, TICK.toMillis(), TimeUnit.MILLISECONDS)
                        .get(2, TimeUnit.MINUTES);
            }
        } finally {
            etcd.kill();
        }
    }

    @Test
    void survivesAnEtcdThatIsAway() {
        long revision = storage.create("/a", StorageContract.bytes("x"), Duration.ZERO);
        try (var impatient = new EtcdStorage(new EtcdConfig(List.of(etcd.endpoint()), null, Duration.ofMillis(100)));
                var _ = EtcdCompactor.start(impatient, scheduler, TICK)) {
            await(() -> storage.get("compact_rev_key").isPresent());
            etcd.kill();
            assertThatThrownBy(() -> impatient.get("/a")).isInstanceOf(StorageException.Unavailable.class);
            etcd.start();

            await(() -> isCompacted(revision));
        }
    }

    private boolean isCompacted(long revision) {
        try {
            storage.list("/", "", revision, 0);
            return false;
        } catch (StorageException.Compacted e) {
            return true;
        }
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
