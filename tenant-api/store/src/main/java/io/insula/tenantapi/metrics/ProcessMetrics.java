package io.insula.tenantapi.metrics;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// What Prometheus' clients tell of their process. The process serves other tenants too: these are the numbers of
/// all together. Stateless. Source: Prometheus, "Writing client libraries", process metrics.
public final class ProcessMetrics {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final double KIB = 1024;

    private ProcessMetrics() {}

    public static void register(MetricRegistry registry) {
        registry.counter(
                "process_cpu_seconds_total",
                "Total user and system CPU time spent in seconds.",
                () -> ProcessHandle.current()
                                .info()
                                .totalCpuDuration()
                                .orElseThrow()
                                .toNanos()
                        / (double) TimeUnit.SECONDS.toNanos(1));
        registry.gauge(
                "process_start_time_seconds",
                "Start time of the process since the Unix epoch in seconds.",
                () -> ManagementFactory.getRuntimeMXBean().getStartTime() / 1000.0);
        if (Files.isReadable(STATUS)) {
            registry.gauge(
                    "process_resident_memory_bytes", "Resident memory size in bytes.", () -> status("VmRSS:") * KIB);
            registry.gauge(
                    "process_virtual_memory_bytes", "Virtual memory size in bytes.", () -> status("VmSize:") * KIB);
            registry.gauge("process_open_fds", "Number of open file descriptors.", ProcessMetrics::openFiles);
        }
    }

    private static double status(String field) {
        try (var lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static double openFiles() {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
