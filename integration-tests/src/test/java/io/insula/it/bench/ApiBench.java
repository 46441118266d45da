package io.insula.it.bench;

import io.insula.it.backend.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Measures an API server's speed, with raw etcd as the yardstick of the same run, and, where it starts the server by
/// itself, the memory of watches and stored pods. Ratios of one run mean something; single figures on a busy machine do
/// not.
@Command(
        name = "bench api",
        description = "Measures an API server beside raw etcd: creates, gets, lists, watches.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ApiBench implements Callable<Integer> {

    /// LIST of 100 pods from an upstream kube-apiserver on a machine of two cores, per second; measured once,
    /// elsewhere.
    private static final double UPSTREAM_LISTS = 223;

    private static final int PAGE = 100;

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
            names = "--watches",
            description = "watches to open, 0 for none (default: ${DEFAULT-VALUE})",
            defaultValue = "100000")
    private int watches;

    @Option(
            names = "--connections",
            description = "h2 connections that the watches share (default: ${DEFAULT-VALUE})",
            defaultValue = "500")
    private int connections;

    private final Report report = new Report(System.out);

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ApiBench()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path folder = Files.createTempDirectory("insula-bench");
        try (var yardstick = etcd == null ? Backend.etcd() : null) {
            String endpoint = yardstick == null ? etcd : yardstick.endpoint();
            if (kubeconfig != null) {
                measure(Target.of(kubeconfig), java.util.Objects.requireNonNull(endpoint), null);
            } else {
                ownServer(folder, java.util.Objects.requireNonNull(endpoint));
            }
        }
        report.goals();
        return 0;
    }

    private void ownServer(Path folder, String endpoint) throws Exception {
        try (var storage = Backend.etcd();
                var server = BenchServer.start(folder, storage.endpoint())) {
            measure(Target.of(server.kubeconfig()), endpoint, new ServerMemory(server.pid()));
        }
    }

    private void measure(Target target, String endpoint, @Nullable ServerMemory memory) throws Exception {
        System.out.printf("%s, %d clients, %d s a line%n%n", target.server(), clients, seconds);
        var pods = new Pods(target);
        pods.prepare();
        try {
            requests(pods, endpoint);
            if (memory != null) {
                storedPods(pods, memory);
                watches(target, memory);
            }
        } finally {
            pods.remove();
        }
    }

    private void requests(Pods pods, String endpoint) throws Exception {
        List<HttpLane> lanes = pods.lanes(clients);
        String name = pods.create(lanes.getFirst());
        byte[] stored = lanes.getFirst().get(Pods.PATH + "/" + name);
        report.line("a pod, bytes of JSON", stored.length);
        lists(pods, lanes);
        try (var raw = new EtcdYardstick(endpoint, stored)) {
            Rate rawSerial = shown("etcd create, 1 client", raw.creates(1, warmUp(), measured()));
            Rate postSerial =
                    shown("POST pod, 1 client", Load.run(creating(pods, lanes.subList(0, 1)), warmUp(), measured()));
            Rate rawCreate = shown("etcd create, " + clients + " clients", raw.creates(clients, warmUp(), measured()));
            Rate post =
                    shown("POST pod, " + clients + " clients", Load.run(creating(pods, lanes), warmUp(), measured()));
            Rate rawGet = shown("etcd get, " + clients + " clients", raw.gets(clients, warmUp(), measured()));
            Rate get = shown("GET pod, " + clients + " clients", Load.run(getting(lanes, name), warmUp(), measured()));
            report.atLeast("POST pod / etcd create", post.perSecond() / rawCreate.perSecond(), 0.30, "");
            report.atMost("POST pod / etcd create, serial p50", postSerial.p50() / rawSerial.p50(), 1.9, "");
            report.atLeast("GET pod / etcd get", get.perSecond() / rawGet.perSecond(), 0.60, "");
        }
        for (HttpLane lane : lanes) {
            lane.close();
        }
    }

    private void lists(Pods pods, List<HttpLane> lanes) throws Exception {
        for (int i = 1; i < PAGE; i++) {
            pods.create(lanes.getFirst());
        }
        var listing = new ArrayList<Load.Client>();
        lanes.forEach(lane -> listing.add(() -> lane.get(Pods.PATH)));
        Rate list =
                shown("LIST of " + PAGE + " pods, " + clients + " clients", Load.run(listing, warmUp(), measured()));
        report.atLeast("LIST / upstream's 223 a second", list.perSecond() / UPSTREAM_LISTS, 7, "");
    }

    /// Memory per stored pod once a watch keeps them in the server's cache.
    private void storedPods(Pods pods, ServerMemory memory) throws Exception {
        int count = 5_000;
        try (var lane = pods.lane()) {
            long before = memory.heap();
            for (int i = 0; i < count; i++) {
                pods.create(lane);
            }
            report.atMost("heap per stored pod", (memory.heap() - before) / (double) count / 1000, 4, "KB");
        }
    }

    private void watches(Target target, ServerMemory memory) throws IOException, InterruptedException {
        if (watches == 0) {
            return;
        }
        try (var herd = new WatchHerd(target)) {
            herd.connect(connections);
            long heap = memory.heap();
            long resident = memory.resident();
            // An empty namespace: what is measured is the open watch, not the objects it begins with.
            herd.watch(watches, "/api/v1/namespaces/default/pods?watch=true&timeoutSeconds=3600");
            double perHeap = (memory.heap() - heap) / (double) watches / 1024;
            double perResident = (memory.resident() - resident) / (double) watches / 1024;
            report.line(
                    watches + " watches, " + connections + " connections",
                    String.format(Locale.ROOT, "%.2f KiB of heap, %.2f KiB resident each", perHeap, perResident));
            report.atMost("heap per open watch", perHeap, 1.5, "KiB");
        }
    }

    private static List<Load.Client> creating(Pods pods, List<HttpLane> lanes) {
        var all = new ArrayList<Load.Client>();
        lanes.forEach(lane -> all.add(() -> pods.create(lane)));
        return all;
    }

    private static List<Load.Client> getting(List<HttpLane> lanes, String name) {
        var all = new ArrayList<Load.Client>();
        lanes.forEach(lane -> all.add(() -> lane.get(Pods.PATH + "/" + name)));
        return all;
    }

    private Rate shown(String what, Rate rate) {
        report.line(what, rate);
        return rate;
    }

    private Duration warmUp() {
        return Duration.ofSeconds(Math.max(1, seconds / 3));
    }

    private Duration measured() {
        return Duration.ofSeconds(seconds);
    }
}
