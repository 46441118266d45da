package io.insula.tenantapi.storage.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.storage.RecordingListener;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StorageContract;
import io.insula.tenantapi.storage.StorageEvent;
import io.insula.tenantapi.storage.StorageException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EtcdStorageTest implements StorageContract {

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
        storage.close();
        etcd.close();
    }

    @Override
    public Storage storage() {
        return storage;
    }

    @Override
    public void compact(long revision) {
        storage.compact(revision);
    }

    @Test
    void compactingTwiceIsNoError() {
        long revision = storage.create("/a", StorageContract.bytes("x"), Duration.ZERO);

        storage.compact(revision);
        storage.compact(revision);

        assertThat(storage.get("/a")).isPresent();
    }

    @Test
    void acknowledgedWritesAndWatchesSurviveAKilledEtcd() {
        var listener = new RecordingListener();
        try (var _ = storage.watch("/a/", storage.currentRevision(), listener)) {
            long first = storage.create("/a/1", StorageContract.bytes("x"), Duration.ZERO);
            listener.await(1);

            etcd.kill();
            etcd.start();

            assertThat(storage.get("/a/1").orElseThrow().modRevision()).isEqualTo(first);
            long second = storage.update("/a/1", StorageContract.bytes("y"), first);
            assertThat(listener.await(2)).extracting(StorageEvent::modRevision).containsExactly(first, second);
        }
    }

    @Test
    void everyCallEndsWithinTheDeadline() {
        var impatient = new EtcdConfig(List.of(etcd.endpoint()), null, Duration.ofMillis(300));
        etcd.kill();
        try (var store = new EtcdStorage(impatient)) {
            assertThatThrownBy(() -> store.get("/a")).isInstanceOf(StorageException.Unavailable.class);
            assertThatThrownBy(() -> store.create("/a", new byte[1], Duration.ofSeconds(9)))
                    .isInstanceOf(StorageException.Unavailable.class);
            assertThatThrownBy(() -> store.update("/a", new byte[1], 7))
                    .isInstanceOf(StorageException.Unavailable.class);
        }
    }

    @Test
    void tellsProgressWhereNothingHappensUnderThePrefix() {
        var listener = new RecordingListener();
        try (var _ = storage.watch("/a/", storage.currentRevision(), listener)) {
            long other = storage.create("/b/1", StorageContract.bytes("x"), Duration.ZERO);

            assertThat(listener.awaitProgress()).isGreaterThanOrEqualTo(other);
        }
    }

    @Test
    void watchTakesMoreThanOneMessageOfHistory() {
        long start = storage.currentRevision();
        var want = new ArrayList<Long>();
        for (int i = 0; i < 20; i++) {
            want.add(storage.create("/a/" + i, new byte[1_000_000], Duration.ZERO));
        }
        var listener = new RecordingListener();

        try (var _ = storage.watch("/a/", start, listener)) {
            assertThat(listener.await(20)).extracting(StorageEvent::modRevision).containsExactlyElementsOf(want);
        }
        assertThat(storage.list("/a/", "", 0, 0).values()).hasSize(20);
    }
}
