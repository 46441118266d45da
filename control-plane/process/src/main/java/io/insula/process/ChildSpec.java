package io.insula.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// One child process.
///
/// @param name for threads, logs and people: `etcd acme`
/// @param command the program with its arguments
/// @param marker one argument of `command` that no process of another home or purpose has (a data folder): it
///     tells ours from any other process, whatever became of process ids
/// @param folder where it runs; its `pid` file is kept here
/// @param log receives standard output and error
/// @param probe asks the process itself whether it serves
/// @param readyWithin how long one start may take
/// @param stopWithin how long it may take to end by itself before it is killed
public record ChildSpec(
        String name,
        List<String> command,
        String marker,
        Path folder,
        Path log,
        Probe probe,
        Duration readyWithin,
        Duration stopWithin) {

    public ChildSpec {
        command = List.copyOf(command);
        if (!command.contains(marker)) {
            throw new IllegalArgumentException("marker: " + marker + " (expected: one of " + command + ")");
        }
    }

    /// Where its process id is written, for people.
    public Path pidFile() {
        return folder.resolve("pid");
    }

    /// Asks a running process whether it serves.
    @FunctionalInterface
    public interface Probe {
        /// Answers within a few seconds; an exception means no.
        boolean isReady() throws Exception;
    }
}
