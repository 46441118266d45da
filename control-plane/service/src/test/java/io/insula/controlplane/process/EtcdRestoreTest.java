package io.insula.controlplane.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.process.ChildException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is no snapshot is refused by etcd's own tool. Good ones are restored by tests of backups.
final class EtcdRestoreTest {

    @TempDir
    private Path folder;

    @Test
    void refusesWhatIsNoSnapshotInTheToolsOwnWords() throws IOException {
        for (int length : new int[] {0, 100, 64 * 1024}) {
            Path snapshot = Files.write(folder.resolve("snapshot.db"), new byte[length]);
            Path data = folder.resolve("data-" + length);

            assertThatThrownBy(() -> EtcdRestore.restore(snapshot, data))
                    .isInstanceOf(ChildException.class)
                    .hasMessageContaining("the snapshot cannot be restored: ")
                    .hasMessageNotContaining("said nothing");
            assertThat(data).as("what the tool has begun").doesNotExist();
        }
    }

    @Test
    void findsTheToolWhereEtcdIs() {
        assertThat(EtcdRestore.tool()).isExecutable();
        assertThat(EtcdRestore.tool().getFileName().toString()).matches("etcdutl|etcdctl");
    }
}
