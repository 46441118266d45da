package io.insula.it.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Processor time by the `stat` of a process or thread in `/proc`, in nanoseconds. Stateless.
///
/// Source: proc_pid_stat(5).
final class ProcessorTime {

    /// On every Linux, `sysconf(_SC_CLK_TCK)`.
    private static final long NANOS_PER_TICK = 10_000_000;
    /// In the fields after the name, which may hold anything: utime, stime, cutime, cstime.
    private static final int USER_TIME = 11;

    private ProcessorTime() {}

    /// Its own alone.
    static long own(Path stat) throws IOException {
        return nanos(stat, 2);
    }

    /// With that of its children that it has buried.
    static long withBuried(Path stat) throws IOException {
        return nanos(stat, 4);
    }

    private static long nanos(Path stat, int count) throws IOException {
        String text = Files.readString(stat);
        String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = 0;
        for (int i = 0; i < count; i++) {
            ticks += Long.parseLong(fields[USER_TIME + i]);
        }
        return ticks * NANOS_PER_TICK;
    }
}
