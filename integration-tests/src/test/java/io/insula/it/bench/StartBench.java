package io.insula.it.bench;

import io.insula.controlplane.home.AtomicFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Measures how a service starts, without its ahead-of-time cache and with it, and what a tenant takes after that,
/// beside the start of a bare etcd with TLS in the same run. Progress goes to standard error, the tables at the end to
/// standard output.
@Command(
        name = "bench start",
        description = "Measures the start of a service and of tenants, without its cache and with it.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class StartBench implements Callable<Integer> {

    private static final int ETCDS = 3;

    @Option(
            names = "--tenants",
            description = "tenants made one after the other (default: ${DEFAULT-VALUE})",
            defaultValue = "4")
    private int tenants;

    private final Report report = new Report(System.err, System.out);

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new StartBench())
                .setExecutionExceptionHandler((e, command, _) -> {
                    System.err.println("bench start: " + e);
                    e.printStackTrace();
                    return 1;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        if (tenants < 1) {
            throw new IllegalArgumentException("--tenants: " + tenants + " (expected: >= 1)");
        }
        Path folder = Files.createTempDirectory("insula-bench");
        try {
            report.machine("at the beginning");
            double yardstick = etcd(folder);
            measure(StartedService.of(folder.resolve("without"), List.of()), "no cache", yardstick);
            var cached = StartedService.of(folder.resolve("with"), List.of("-Dinsula.aot.folder=" + folder));
            report.doing("making the cache");
            report.line("making the cache", cached.command("train").strip().replaceFirst(": .*", ""));
            measure(cached, "cache", yardstick);
            report.machine("at the end");
        } finally {
            report.print();
            AtomicFiles.deleteTree(folder);
        }
        return 0;
    }

    /// The fastest of some: what others do on the machine can only add to it.
    private double etcd(Path folder) throws Exception {
        var walls = new ArrayList<Double>();
        for (int i = 0; i < ETCDS; i++) {
            try (var etcd = TlsEtcd.start(folder.resolve("etcd-" + i))) {
                walls.add(etcd.wallSeconds());
                report.line("a bare etcd with TLS, start to healthy", time(etcd.wallSeconds(), etcd.cpuSeconds()));
            }
        }
        return walls.stream().min(Double::compare).orElseThrow();
    }

    private void measure(StartedService service, String how, double yardstick) throws Exception {
        try (service) {
            report.doing("starting a service, " + how);
            service.start();
            report.line("service, " + how + ": start to first answer", seconds(service.answered()));
            report.line(
                    "service, " + how + ": start to ready",
                    String.format(Locale.ROOT, "%s; CPU: %s", seconds(service.ready()), service.cpu()));
            report.atMost("first answer, " + how, service.answered(), 1.5, "s");
            for (int i = 1; i <= tenants; i++) {
                Cpu before = service.cpu();
                double wall = service.tenant("tenant-" + i);
                report.line(
                        "tenant " + i + ", " + how + ": create to ready",
                        String.format(
                                Locale.ROOT,
                                "%s; CPU: %s",
                                seconds(wall),
                                service.cpu().since(before)));
                if (i == 1 || i == tenants) {
                    report.atMost("tenant " + i + " beside a bare etcd, " + how, wall / yardstick, 2, "×");
                }
            }
        }
    }

    private static String time(double wall, double cpu) {
        return seconds(wall) + "; CPU: " + seconds(cpu);
    }

    private static String seconds(double seconds) {
        return String.format(Locale.ROOT, "%.2f s", seconds);
    }

    /// Processor time of a service's processes, in seconds.
    ///
    /// @param compiling what of the service's own its compilers used
    record Cpu(double service, double etcd, double kafka, double compiling) {

        Cpu since(Cpu before) {
            return new Cpu(
                    service - before.service, etcd - before.etcd, kafka - before.kafka, compiling - before.compiling);
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "service %.2f s, etcd %.2f s, Kafka %.2f s", service, etcd, kafka);
        }
    }
}
