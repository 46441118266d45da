package io.insula.node.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.node.runtime.Container;
import io.insula.node.runtime.Container.State;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.RuntimeFailure;
import io.insula.node.runtime.SandboxId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogRotationTest {

    private final Path folder;

    LogRotationTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void keepsSoManyAndTheNewest() throws IOException {
        Path log = folder.resolve("0.log");
        var rotation = new LogRotation(new LogRotation.Limits(10, 3), _ -> write(log, "new"));
        Files.writeString(log, "short");
        rotation.rotate(List.of(container(log, new State.Running(Instant.EPOCH))));
        assertThat(folder.toFile().list()).containsExactly("0.log");

        for (int i = 1; i <= 5; i++) {
            Files.writeString(log, "long enough " + i);
            rotation.rotate(List.of(container(log, new State.Running(Instant.EPOCH))));
            assertThat(log).hasContent("new");
        }
        assertThat(RotatedLogs.of(log)).hasSize(2);
        assertThat(RotatedLogs.of(log).getFirst()).hasContent("long enough 4");
        assertThat(RotatedLogs.of(log).getLast()).hasContent("long enough 5");
    }

    @Test
    void leavesWhatHasEndedAlone() throws IOException {
        Path log = Files.writeString(folder.resolve("0.log"), "long enough");
        var rotation = new LogRotation(new LogRotation.Limits(1, 2), _ -> {
            throw new AssertionError("not asked for");
        });
        rotation.rotate(List.of(container(log, new State.Exited(0, "Completed", "", Instant.EPOCH, Instant.EPOCH))));
        assertThat(log).hasContent("long enough");
    }

    /// The runtime writes on to the old file then: its name must be where readers look.
    @Test
    void putsTheLogBackWhereTheRuntimeDoesNotGoOn() throws IOException {
        Path log = Files.writeString(folder.resolve("0.log"), "long enough");
        var rotation = new LogRotation(new LogRotation.Limits(1, 2), _ -> {
            throw new RuntimeFailure.Unavailable("down", new IOException("down"));
        });
        rotation.rotate(List.of(container(log, new State.Running(Instant.EPOCH))));
        assertThat(log).hasContent("long enough");
        assertThat(RotatedLogs.of(log)).isEmpty();
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Container container(Path log, State state) {
        return new Container(
                new ContainerId("c"),
                new SandboxId("s"),
                "main",
                0,
                state,
                "image",
                "",
                Instant.EPOCH,
                Map.of(),
                Map.of(),
                Optional.of(log));
    }
}
