package io.insula.it.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the just-in-time compilers of another JVM have used of the processor. Stateless.
final class CompilerTime {

    private CompilerTime() {}

    /// By the compiler threads that there are now.
    static long nanos(long pid) {
        long nanos = 0;
        try (var threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads.toList()) {
                if (Files.readString(thread.resolve("comm")).contains(" CompilerThre")) {
                    nanos += ProcessorTime.own(thread.resolve("stat"));
                }
            }
        } catch (IOException | UncheckedIOException _) {
            return nanos;
        }
        return nanos;
    }
}
