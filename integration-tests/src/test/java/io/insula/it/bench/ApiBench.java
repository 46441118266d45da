package io.insula.it.bench;

import io.insula.it.backend.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Measures an API server's speed, with raw etcd as the yardstick of the same run, and, where it starts the server by
/// itself, the memory of watches, stored pods and idle instances. Ratios of one run mean something; single figures on
/// a busy machine do not. Progress goes to standard error, the tables at the end to standard output.
@Command(
        name = "bench api",
        description = "Measures an API server beside raw etcd: creates, gets, lists, watches, memory.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ApiBench implements Callable<Integer> {

    @Option(
            names = "--kubeconfig",
            description = "the API server to load (default: a bare tenant API server, started here)")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--etcd",
            description = "HOST:PORT of an etcd without TLS for the yardstick (default: one started here)")
    private @Nullable String etcd;

    @Option(names = "--clients", description = "connections at once (default: ${DEFAULT-VALUE})", defaultValue = "64")
    private int clients;

    @Option(
            names = "--seconds",
            description = "measured time of each line (default: ${DEFAULT-VALUE})",
            defaultValue = "10")
    private int seconds;

    @Option(
            names = "--warm-up",
            description =
                    "seconds of every kind of request before anything is measured, again while the server is still"
                            + " busy compiling itself (default: ${DEFAULT-VALUE})",
            defaultValue = "20")
    private int warmUp;

    @Option(
            names = "--pods",
            description = "pods whose memory is measured, 0 for none (default: ${DEFAULT-VALUE})",
            defaultValue = "5000")
    private int pods;

    @Option(
            names = "--watches",
            description = "watches to open, 0 for none (default: ${DEFAULT-VALUE})",
            defaultValue = "100000")
    private int watches;

    @Option(
            names = "--connections",
            description = "h2 connections that the watches share (default: ${DEFAULT-VALUE})",
            defaultValue = "500")
    private int connections;

    @Option(
            names = "--instances",
            description = "idle instances in one JVM, 0 for none (default: ${DEFAULT-VALUE})",
            defaultValue = "10")
    private int instances;

    @Option(
            names = "--idle-seconds",
            description = "how long they are idle before they are measured (default: ${DEFAULT-VALUE})",
            defaultValue = "75")
    private int idleSeconds;

    private final Report report = new Report(System.err, System.out);

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ApiBench())
                .setExecutionExceptionHandler((e, command, _) -> {
                    System.err.println("bench api: " + e);
                    if (!(e instanceof IOException)) {
                        e.printStackTrace();
                    }
                    return 1;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        check("--clients", clients, 1);
        check("--seconds", seconds, 1);
        check("--connections", connections, 1);
        Path folder = Files.createTempDirectory("insula-bench");
        try (var owned = new Owned("bench api")) {
            owned.add(() -> remove(folder));
            measure(folder, owned);
        } finally {
            report.print();
        }
        return 0;
    }

    private static void check(String option, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(option + ": " + value + " (expected: >= " + least + ")");
        }
    }

    private void measure(Path folder, Owned owned) throws Exception {
        Path given = kubeconfig;
        String yardstick = etcd;
        if (yardstick == null) {
            report.doing("starting an etcd for the yardstick");
            yardstick = owned.add(Backend.etcdProcess()).endpoint();
        }
        if (given != null) {
            new Speed(Target.of(given), report, clients, Duration.ofSeconds(seconds), ServerTime.UNSEEN)
                    .measure(yardstick, Duration.ofSeconds(warmUp));
            return;
        }
        report.doing("starting a tenant API server and its etcd");
        var store = owned.add(Backend.etcdProcess());
        var server = owned.add(BenchServer.start(folder));
        var target = Target.of(server.startInstance(store.endpoint()));
        var memory = new Memory(target, new ServerMemory(server.pid()), report);
        // first: after as many creates as follow, pods are too many to be kept in memory
        memory.storedPods(pods);
        new Speed(target, report, clients, Duration.ofSeconds(seconds), server)
                .measure(yardstick, Duration.ofSeconds(warmUp));
        memory.watches(watches, connections);
        server.close();
        idle(folder, owned);
    }

    private void idle(Path folder, Owned owned) throws Exception {
        if (instances < 1) {
            return;
        }
        report.doing("starting " + (instances + 1) + " instances in one JVM, each with its own etcd");
        var server = owned.add(BenchServer.start(Files.createDirectory(folder.resolve("idle"))));
        var memory = new ServerMemory(server.pid());
        server.startInstance(owned.add(Backend.etcdProcess()).endpoint());
        report.doing("the first is idle for " + idleSeconds + " s");
        Thread.sleep(Duration.ofSeconds(idleSeconds));
        long one = memory.heap();
        long oneResident = memory.resident();
        for (int i = 0; i < instances; i++) {
            server.startInstance(owned.add(Backend.etcdProcess()).endpoint());
        }
        report.doing("all are idle for " + idleSeconds + " s");
        Thread.sleep(Duration.ofSeconds(idleSeconds));
        double heap = (memory.heap() - one) / (double) instances / (1 << 20);
        double resident = (memory.resident() - oneResident) / (double) instances / (1 << 20);
        report.line(
                "idle instance in a shared JVM, without its etcd",
                String.format(Locale.ROOT, "%.2f MiB of heap, %.2f MiB resident", heap, resident));
        report.atMost("heap per idle instance in a shared JVM", heap, 1.2, "MiB");
    }

    private static void remove(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }
}
