package io.insula.it.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// The memory of a server that runs here: of stored pods and of open watches.
record Memory(Target target, ServerMemory server, Report report) {

    private static final int LANES = 16;
    private static final int PACKET = 50;
    /// A server may keep what it has just written in a roomier form than what lies about.
    private static final Duration SETTLING = Duration.ofSeconds(25);

    /// Memory per stored pod while the server keeps them in its cache, because clients list them.
    void storedPods(int count) throws Exception {
        if (count < 1) {
            return;
        }
        var pods = new Pods(target, "insula-bench-stored");
        pods.prepare();
        try (var lane = pods.lane()) {
            lane.get(pods.path() + "?limit=1");
            long before = settled(pods, lane);
            report.doing("creating " + count + " pods");
            create(pods, count);
            double each = (settled(pods, lane) - before) / (double) count / 1000;
            report.line("a stored pod in memory", String.format(Locale.ROOT, "%.2f KB of heap", each));
            report.atMost("heap per stored pod", each, 4, "KB");
        } finally {
            pods.remove();
        }
    }

    private long settled(Pods pods, HttpLane lane) throws IOException, InterruptedException {
        for (int i = 0; i < SETTLING.toSeconds(); i++) {
            lane.get(pods.path() + "?limit=1");
            Thread.sleep(1000);
        }
        return server.heap();
    }

    private static void create(Pods pods, int count) throws Exception {
        List<HttpLane> lanes = pods.lanes(LANES);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var parts = new ArrayList<Future<?>>();
            for (int i = 0; i < LANES; i++) {
                int share = count / LANES + (i < count % LANES ? 1 : 0);
                Load.Client client = pods.creating(lanes.get(i));
                parts.add(threads.submit(() -> {
                    for (int j = 0; j < share; j++) {
                        client.operate();
                    }
                    return null;
                }));
            }
            for (Future<?> part : parts) {
                part.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("a create failed: " + e.getCause(), e);
        }
        for (HttpLane lane : lanes) {
            lane.close();
        }
    }

    void watches(int count, int connections) throws IOException, InterruptedException {
        if (count < 1) {
            return;
        }
        try (var herd = new WatchHerd(target)) {
            // the code that watches need is loaded and their buffers are made before the first look
            String path = "/api/v1/namespaces/default/pods?watch=true&timeoutSeconds=3600";
            herd.connect(connections);
            herd.watch(PACKET, path);
            report.doing("opening " + count + " watches over " + connections + " connections");
            long heap = server.heap();
            long resident = server.resident();
            // an empty namespace: what is measured is the open watch, not the objects it begins with
            herd.watch(count, path);
            double perHeap = (server.heap() - heap) / (double) count / 1024;
            double perResident = (server.resident() - resident) / (double) count / 1024;
            report.line(
                    String.format(Locale.ROOT, "%,d watches, %d connections", count, connections),
                    String.format(Locale.ROOT, "%.2f KiB of heap, %.2f KiB resident each", perHeap, perResident));
            report.atMost("heap per open watch", perHeap, 1.5, "KiB");
        }
    }
}
