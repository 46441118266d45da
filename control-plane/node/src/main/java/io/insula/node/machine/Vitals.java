package io.insula.node.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What this machine has left. Stateless.
public final class Vitals {

    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Path LOAD = Path.of("/proc/loadavg");
    private static final Path MOST_PROCESSES = Path.of("/proc/sys/kernel/pid_max");
    private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable:\\s*(\\d+) kB$");
    private static final Pattern PROCESSES = Pattern.compile("\\d+/(\\d+)");

    private Vitals() {}

    /// Memory that programs can still have without anybody being swapped or killed.
    public static long memoryBytes() throws IOException {
        return Long.parseLong(found(AVAILABLE, MEMORY)) * 1024;
    }

    /// Processes and threads that there are.
    public static long processes() throws IOException {
        return Long.parseLong(found(PROCESSES, LOAD));
    }

    public static long mostProcesses() throws IOException {
        return Long.parseLong(Files.readString(MOST_PROCESSES).strip());
    }

    private static String found(Pattern pattern, Path file) throws IOException {
        Matcher matcher = pattern.matcher(Files.readString(file));
        if (!matcher.find()) {
            throw new IOException(file + " does not say " + pattern);
        }
        return matcher.group(1);
    }
}
