package io.insula.it.bench;

import io.fabric8.kubernetes.client.Config;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.it.backend.StoreWrites;
import io.insula.it.bench.StartBench.Cpu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Measures a whole service as users have it, with its audit trail in Kafka, controllers, scheduler, syncer and
/// simulated nodes: creates of ConfigMaps in one tenant, beside raw etcd in the same run, and pods in all tenants at
/// once from create to ready; what each costs each process, from the first on; what is written for a pod; and what the
/// service uses while nobody asks for anything.
@Command(
        name = "bench syncer",
        description = "Measures a whole service: creates beside raw etcd's, pods to ready in all tenants, idleness.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class SyncerBench implements Callable<Integer> {

    private static final int CLIENTS = 16;
    private static final int COLD = 1_000;
    private static final Duration YARDSTICK = Duration.ofSeconds(3);
    private static final Duration QUIET = Duration.ofSeconds(1);

    @Option(names = "--tenants", description = "tenants (default: ${DEFAULT-VALUE})", defaultValue = "7")
    private int tenants;

    @Option(
            names = "--pods",
            description = "pods that each tenant makes in a round (default: ${DEFAULT-VALUE})",
            defaultValue = "40")
    private int pods;

    @Option(names = "--rounds", description = "rounds of pods (default: ${DEFAULT-VALUE})", defaultValue = "3")
    private int rounds;

    @Option(
            names = "--creates",
            description = "ConfigMaps created by each kind of credential, 0 for none; a tenant's quota takes 2400"
                    + " (default: ${DEFAULT-VALUE})",
            defaultValue = "2000")
    private int creates;

    @Option(
            names = "--idle-seconds",
            description = "how long nobody asks for anything, 0 to leave it out (default: ${DEFAULT-VALUE})",
            defaultValue = "30")
    private int idleSeconds;

    @Option(
            names = "--aot",
            description = "folder of a service's ahead-of-time cache, made there where it is none (default: no cache)")
    private @Nullable Path aot;

    @Option(names = "--profile", description = "file that gets what the last round of pods spent its time on")
    private @Nullable Path profile;

    @Option(
            names = "--history",
            description = "file of earlier runs, one line of JSON each: this run is compared with the last and added")
    private @Nullable Path history;

    private final Report report = new Report(System.err, System.out);

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SyncerBench())
                .setExecutionExceptionHandler((e, command, _) -> {
                    System.err.println("bench syncer: " + e);
                    e.printStackTrace();
                    return 1;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        if (tenants < 1 || pods < 1 || rounds < 1) {
            throw new IllegalArgumentException(
                    "--tenants, --pods, --rounds: " + tenants + ", " + pods + ", " + rounds + " (expected: >= 1)");
        }
        Path folder = Files.createTempDirectory("insula-bench");
        Path cache = aot;
        var flags = cache == null ? List.<String>of() : List.of("-Dinsula.aot.folder=" + cache.toAbsolutePath());
        try (var service = StartedService.of(folder.resolve("home"), flags)) {
            report.machine("at the beginning");
            if (!flags.isEmpty()) {
                service.command("train");
            }
            report.doing("starting a service");
            service.start();
            measure(service, folder);
            report.machine("at the end");
        } finally {
            report.print();
            AtomicFiles.deleteTree(folder);
        }
        if (history != null) {
            report.remember("syncer", history);
        }
        return 0;
    }

    private void measure(StartedService service, Path folder) throws Exception {
        var names = new ArrayList<String>();
        for (int i = 1; i <= tenants; i++) {
            names.add("tenant-" + i);
            service.tenant(names.getLast());
        }
        var configs = new ArrayList<Config>();
        for (String name : names) {
            configs.add(Config.fromKubeconfig(service.command("tenant", "kubeconfig", name)));
        }
        if (creates > 0) {
            double etcd = yardstick(folder);
            creates(service, "certificate", ConfigMaps.byCertificate(configs.getFirst()), etcd);
            creates(service, "token", ConfigMaps.byToken(configs.getFirst()), etcd);
        }
        pods(service, configs, folder);
        if (idleSeconds > 0) {
            idle(service);
        }
    }

    /// Creates of the same size, straight in an etcd with TLS, from as many clients.
    ///
    /// @return processor time of etcd for each, in milliseconds
    private double yardstick(Path folder) throws Exception {
        try (var etcd = TlsEtcd.start(folder.resolve("yardstick"));
                var raw = etcd.yardstick(new byte[1_100])) {
            Load.drive(raw.creating(CLIENTS), YARDSTICK);
            double before = etcd.cpuSeconds();
            long begin = System.nanoTime();
            int done = Load.drive(raw.creating(CLIENTS), YARDSTICK).length;
            double seconds = (System.nanoTime() - begin) / 1e9;
            double millis = (etcd.cpuSeconds() - before) * 1e3 / done;
            report.line(
                    "raw etcd: creates of 1 KB, " + CLIENTS + " clients",
                    String.format(Locale.ROOT, "%,.0f/s; CPU of each %.2f ms", done / seconds, millis));
            report.figure("etcd.create.perSecond", done / seconds, true);
            report.figure("etcd.create.cpuMillis", millis, false);
            return millis;
        }
    }

    private void creates(StartedService service, String credential, ConfigMaps maps, double etcd) throws Exception {
        List<Load.Client> clients = maps.creating(CLIENTS, "bench-" + credential + "-");
        creates(service, credential + ", first " + COLD, clients, Math.min(COLD, creates), etcd);
        if (creates > COLD) {
            int middle = (creates - COLD) / 2;
            Load.count(clients, middle);
            creates(service, credential + ", after " + (COLD + middle), clients, creates - COLD - middle, etcd);
        }
    }

    private void creates(StartedService service, String which, List<Load.Client> clients, int count, double etcd)
            throws Exception {
        Cpu before = service.cpu();
        double seconds = Load.count(clients, count);
        Cpu used = service.cpu().since(before);
        report.line(
                "POST ConfigMap by " + which,
                String.format(
                        Locale.ROOT,
                        "%,.0f/s; CPU of each, ms: %s; × raw etcd %.1f",
                        count / seconds,
                        millis(used, count),
                        (used.service() + used.etcd()) * 1e3 / count / etcd));
        String name = "create." + which.replaceAll("[^a-z0-9]+", "-");
        report.figure(name + ".perSecond", count / seconds, true);
        report.figure(name + ".cpuMillis", (used.service() + used.etcd()) * 1e3 / count, false);
    }

    private void pods(StartedService service, List<Config> configs, Path folder) throws Exception {
        Home home = service.home();
        try (var storm = new PodStorm();
                var tenant = StoreWrites.of(home.tenant("tenant-1"));
                var host = StoreWrites.of(home.host())) {
            configs.forEach(storm::add);
            var recorder = new Recorder(service, folder);
            for (int round = 1; round <= rounds; round++) {
                report.doing("pods, round " + round);
                awaitQuiet(tenant, host);
                tenant.forget();
                host.forget();
                recorder.begin(round == rounds ? profile : null);
                Cpu before = service.cpu();
                var ready = storm.create("round-" + round + "-", pods);
                awaitQuiet(tenant, host);
                told(round, ready, service.cpu().since(before));
                recorder.end();
                writes(round, "tenant", tenant.byResource(), pods);
                writes(round, "host", host.byResource(), pods * tenants);
                storm.delete();
            }
        }
    }

    private void told(int round, PodStorm.Ready ready, Cpu used) {
        int all = pods * tenants;
        report.line(
                "pods, round " + round + ": " + tenants + " × " + pods,
                String.format(
                        Locale.ROOT,
                        "%.1f/s; to ready p50 %.0f ms, p99 %.0f ms; CPU of each, ms: %s",
                        ready.perSecond(),
                        ready.millis(0.5),
                        ready.millis(0.99),
                        millis(used, all)));
        String name = "pods.round-" + round;
        report.figure(name + ".perSecond", ready.perSecond(), true);
        report.figure(name + ".p99Millis", ready.millis(0.99), false);
        report.figure(name + ".cpuMillis", (used.service() + used.etcd()) * 1e3 / all, false);
    }

    private void writes(int round, String side, Map<String, Long> byResource, int count) {
        double all = byResource.values().stream().mapToLong(n -> n).sum() / (double) count;
        var text = new StringBuilder(String.format(Locale.ROOT, "%.1f:", all));
        byResource.forEach(
                (resource, n) -> text.append(String.format(Locale.ROOT, " %s %.1f", resource, n / (double) count)));
        report.line("writes for a pod, " + side + ", round " + round, text);
        report.figure("pods.round-" + round + ".writes." + side, all, false);
    }

    private void idle(StartedService service) throws Exception {
        report.doing("nobody asks for anything for " + idleSeconds + " s");
        Cpu before = service.cpu();
        Thread.sleep(Duration.ofSeconds(idleSeconds));
        Cpu used = service.cpu().since(before);
        report.line(
                "idle, " + tenants + " tenants",
                String.format(
                        Locale.ROOT,
                        "of a core: service %.1f %%, etcds %.1f %%, Kafka %.1f %%",
                        100 * used.service() / idleSeconds,
                        100 * used.etcd() / idleSeconds,
                        100 * used.kafka() / idleSeconds));
        report.figure("idle.servicePercent", 100 * used.service() / idleSeconds, false);
        report.figure("idle.etcdPercent", 100 * used.etcd() / idleSeconds, false);
    }

    private static String millis(Cpu used, int count) {
        return String.format(
                Locale.ROOT,
                "service %.1f (compiling %.1f), etcds %.1f, Kafka %.1f",
                used.service() * 1e3 / count,
                used.compiling() * 1e3 / count,
                used.etcd() * 1e3 / count,
                used.kafka() * 1e3 / count);
    }

    /// Until nothing but heartbeats has been written for a moment.
    private static void awaitQuiet(StoreWrites tenant, StoreWrites host) throws InterruptedException {
        for (long before = -1, now = work(tenant) + work(host); now != before; now = work(tenant) + work(host)) {
            before = now;
            Thread.sleep(QUIET);
        }
    }

    private static long work(StoreWrites writes) {
        return writes.byResource().entrySet().stream()
                .filter(each ->
                        !each.getKey().equals("leases") && !each.getKey().equals("minions"))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /// Records what a round spends its time on, where somebody wants to know.
    private static final class Recorder {
        private final StartedService service;
        private final Path folder;
        private @Nullable Path wanted;
        private @Nullable Profile running;

        Recorder(StartedService service, Path folder) {
            this.service = service;
            this.folder = folder;
        }

        void begin(@Nullable Path file) throws IOException, InterruptedException {
            wanted = file;
            if (file != null) {
                running = Profile.start(service.pid(), folder);
            }
        }

        void end() throws IOException, InterruptedException {
            if (wanted != null && running != null) {
                Files.writeString(wanted, running.stop());
            }
        }
    }
}
