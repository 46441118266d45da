package io.insula.node.logs;

import io.insula.node.runtime.Container;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.RuntimeFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the logs of running containers short: one that has become too long is renamed, the runtime goes on in a new
/// file, and the oldest go. Confined to one thread.
///
/// Source: kubernetes, `pkg/kubelet/logs/container_log_manager.go`.
public final class LogRotation {

    /// Upstream's `containerLogMaxSize` and `containerLogMaxFiles`.
    public static final Limits USUAL = new Limits(10L * 1024 * 1024, 5);

    private static final Logger LOG = LoggerFactory.getLogger(LogRotation.class);
    /// Sorts as time goes.
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss.SSSSSSSSS").withZone(ZoneOffset.UTC);

    private final Limits limits;
    private final Consumer<ContainerId> reopen;

    /// How much is kept of a container.
    ///
    /// @param bytes from which a file is rotated
    /// @param files with the current one
    public record Limits(long bytes, int files) {
        public Limits {
            if (bytes < 1 || files < 2) {
                throw new IllegalArgumentException(
                        "log limits: " + bytes + " bytes, " + files + " files (expected: >= 1, >= 2)");
            }
        }
    }

    /// @param reopen has the runtime write to the log's path anew
    public LogRotation(Limits limits, Consumer<ContainerId> reopen) {
        this.limits = limits;
        this.reopen = reopen;
    }

    /// One look at all of them.
    public void rotate(List<Container> containers) {
        for (Container container : containers) {
            if (container.state() instanceof Container.State.Running
                    && container.log().isPresent()) {
                try {
                    rotate(container.id(), container.log().get());
                } catch (IOException | RuntimeFailure e) {
                    LOG.atWarn()
                            .addKeyValue("name", container.name())
                            .setCause(e)
                            .log("cannot rotate a container's log");
                }
            }
        }
    }

    private void rotate(ContainerId id, Path log) throws IOException {
        if (size(log) < limits.bytes()) {
            return;
        }
        List<Path> older = RotatedLogs.of(log);
        // the one that comes now, and the current one
        for (Path oldest : older.subList(0, Math.max(0, older.size() - (limits.files() - 2)))) {
            Files.deleteIfExists(oldest);
        }
        Path renamed = log.resolveSibling(log.getFileName() + "." + STAMP.format(Instant.now()));
        Files.move(log, renamed);
        try {
            reopen.accept(id);
        } catch (RuntimeFailure e) {
            // it still writes to the old one: back, so that its log is found
            if (!Files.exists(log)) {
                Files.move(renamed, log);
            }
            throw e;
        }
    }

    private static long size(Path log) throws IOException {
        try {
            return Files.size(log);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }
}
