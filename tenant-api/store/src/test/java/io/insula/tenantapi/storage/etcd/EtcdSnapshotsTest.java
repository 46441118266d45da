package io.insula.tenantapi.storage.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.rules.digest.Sha256;
import io.insula.tenantapi.storage.StorageContract;
import io.insula.tenantapi.storage.StorageException;
import io.insula.tenantapi.storage.etcd.EtcdSnapshots.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Copies of a real etcd.
class EtcdSnapshotsTest {

    /// More than are read at once.
    private static final int KEYS = 50;

    private static final int CHECKSUM = 32;

    @TempDir
    private Path folder;

    private EtcdProcess etcd;
    private EtcdStorage storage;
    private EtcdSnapshots snapshots;

    @BeforeEach
    void start() {
        etcd = EtcdProcess.start(folder);
        storage = new EtcdStorage(EtcdConfig.plain(etcd.endpoint()));
        snapshots = new EtcdSnapshots(EtcdConfig.plain(etcd.endpoint()));
        for (int i = 0; i < KEYS; i++) {
            storage.create("/k/" + i, StorageContract.bytes("value " + i), Duration.ZERO);
        }
    }

    @AfterEach
    void stop() {
        snapshots.close();
        storage.close();
        etcd.close();
    }

    @Test
    void tellsWhatWasThereAtARevision() {
        long revision = snapshots.revision();
        Digest digest = snapshots.digest(revision);
        assertThat(digest.keys()).isEqualTo(KEYS);

        long changed = storage.create("/k/later", StorageContract.bytes("x"), Duration.ZERO);
        assertThat(snapshots.revision()).isEqualTo(changed);
        assertThat(snapshots.digest(revision)).as("what was is as it was").isEqualTo(digest);
        Digest now = snapshots.digest(changed);
        assertThat(now.keys()).isEqualTo(KEYS + 1);
        assertThat(now.sha256()).isNotEqualTo(digest.sha256());

        storage.delete("/k/later", changed);
        Digest again = snapshots.digest(snapshots.revision());
        assertThat(again.keys()).isEqualTo(KEYS);
        assertThat(again.sha256()).as("the same keys, values and revisions").isEqualTo(digest.sha256());

        long last = snapshots.revision();
        storage.compact(last);
        assertThatThrownBy(() -> snapshots.digest(revision)).isInstanceOf(StorageException.Compacted.class);
    }

    @Test
    void copiesAllOfItWithItsChecksum() throws IOException {
        var copy = new ByteArrayOutputStream();
        snapshots.save(copy);

        byte[] bytes = copy.toByteArray();
        int length = bytes.length - CHECKSUM;
        var digest = Sha256.start();
        digest.update(ByteBuffer.wrap(bytes, 0, length));
        assertThat(digest.digest()).isEqualTo(Arrays.copyOfRange(bytes, length, bytes.length));
        assertThat(copy.toString(java.nio.charset.StandardCharsets.ISO_8859_1)).contains("value 0", "value 49");
    }

    @Test
    void endsWithTheDiskThatTakesNoMore() {
        assertThatThrownBy(() -> snapshots.save(new OutputStream() {
                    @Override
                    public void write(int one) throws IOException {
                        throw new IOException("no room");
                    }
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("no room");
    }

    /// A copy may take an hour; whether there is anybody to copy is known at once.
    @Test
    void waitsForNobodyWhoIsGone() {
        var _ = snapshots.revision();
        etcd.kill();

        long begin = System.nanoTime();
        assertThatThrownBy(() -> snapshots.save(OutputStream.nullOutputStream()))
                .isInstanceOf(StorageException.Unavailable.class);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
    }
}
