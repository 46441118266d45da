package io.insula.it.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the just-in-time compilers of another JVM have used of the processor. Stateless.
final class CompilerTime {

    /// Of `/proc/PID/stat`, on every Linux. Source: proc_pid_stat(5), `sysconf(_SC_CLK_TCK)`.
    private static final long NANOS_PER_TICK = 10_000_000;

    private CompilerTime() {}

    /// By the compiler threads that there are now.
    static long nanos(long pid) {
        long ticks = 0;
        try (var threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads.toList()) {
                if (Files.readString(thread.resolve("comm")).contains(" CompilerThre")) {
                    String[] afterName = Files.readString(thread.resolve("stat"))
                            .replaceFirst("^.*\\) ", "")
                            .split(" ", -1);
                    ticks += Long.parseLong(afterName[11]) + Long.parseLong(afterName[12]);
                }
            }
        } catch (IOException | UncheckedIOException _) {
            return ticks * NANOS_PER_TICK;
        }
        return ticks * NANOS_PER_TICK;
    }
}
