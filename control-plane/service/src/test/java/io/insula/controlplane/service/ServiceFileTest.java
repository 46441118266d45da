package io.insula.controlplane.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServiceFileTest {

    /// A service ends and another begins while commands look for them.
    @Test
    void isWholeOrNotThere(@TempDir Path folder) {
        var home = new Home(folder);
        var written = new ServiceFile(7, "marker", "https://127.0.0.1:1", "https://127.0.0.1:1", true);
        var writing = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 300; i++) {
                written.write(home);
                AtomicFiles.delete(home.serviceFile());
            }
        });
        while (!writing.isDone()) {
            ServiceFile.read(home).ifPresent(read -> assertThat(read).isEqualTo(written));
        }
        writing.join();
        assertThat(ServiceFile.read(home)).isEmpty();
    }
}
