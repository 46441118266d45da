package io.insula.tenantapi.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.storage.RecordingListener;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StorageContract;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InMemoryStorageTest implements StorageContract {

    private final InMemoryStorage storage = new InMemoryStorage();

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
        storage.compact(revision);
    }

    @Test
    void announcesProgressAfterWhatItCovers() {
        var listener = new RecordingListener();
        try (var _ = storage.watch("/a/", 1, listener)) {
            storage.create("/b/1", StorageContract.bytes("x"), Duration.ZERO);
            storage.announceProgress();

            assertThat(listener.awaitProgress()).isEqualTo(2);
        }
    }
}
