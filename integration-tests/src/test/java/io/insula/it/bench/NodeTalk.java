package io.insula.it.bench;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.Streams;
import io.insula.node.runtime.TestSandbox;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What goes through a node's own API, beside the same without the node: a command in a container by the runtime's
/// server for streams, a log by reading its file. Confined to one thread.
final class NodeTalk implements AutoCloseable {

    /// So few that the node does not rotate the log: who asks for one gets what its newest file holds.
    private static final long LINES = 70_000;
    private static final int FOLLOWERS = 15;
    private static final int BYTES_OF_LINE = 101;
    /// Says so many lines at once, and then nothing.
    static final String COMMAND = "yes " + "x".repeat(BYTES_OF_LINE - 1) + " | head -n " + LINES
            + "; echo done >/tmp/done; exec sleep 1000000";

    private static final Streams OUTPUT = new Streams(false, true, true, false);

    private final RawContainers raw;
    private final String server;
    private final Report report;
    private final NodeStreams streams;

    NodeTalk(RawContainers raw, NodePods pods, String server, Report report) {
        this.raw = raw;
        this.server = server;
        this.report = report;
        this.streams = new NodeStreams(pods.target());
    }

    /// By turns. The first of each is not counted: it makes connections and asks whether it may.
    void exec(Pod pod, int times) throws Exception {
        var beside = new ArrayList<Double>();
        var own = new ArrayList<Double>();
        URI url = URI.create(
                "wss://" + server + "/exec/" + path(pod) + "?command=cat&command=/etc/hostname&output=1&error=1");
        try (var sandbox = TestSandbox.run(raw.runtime(), "", raw.image(), raw.logs())) {
            ContainerId container = sandbox.start(sandbox.shell("main", "exec sleep 1000000"));
            for (int i = 0; i <= times; i++) {
                double without = millis(() -> streams.exec(withoutNode(container)));
                double with = millis(() -> streams.exec(url));
                if (i > 0) {
                    beside.add(without);
                    own.add(with);
                }
            }
        }
        var without = new Sample(beside);
        var with = new Sample(own);
        report.line("exec, by containerd's own server", without);
        report.line("exec, by the node", with);
        report.figure("exec.ms", with.median(), false);
        report.figure("exec.containerd.ms", without.median(), false);
        report.atMost("exec round trip over containerd's", with.median() - without.median(), 15, "ms");
    }

    private URI withoutNode(ContainerId container) {
        URI url = raw.runtime().execUrl(container, List.of("cat", "/etc/hostname"), OUTPUT);
        return URI.create(url.toString().replaceFirst("^http", "ws"));
    }

    /// A log that is there, by one after the other who would follow it from its beginning.
    void logs(Pod pod) throws Exception {
        awaitSaid(pod);
        URI url = URI.create("https://" + server + "/containerLogs/" + path(pod) + "?follow=true");
        long bytes = LINES * BYTES_OF_LINE;
        var speeds = new ArrayList<Double>();
        for (int i = 0; i < FOLLOWERS; i++) {
            speeds.add(bytes / streams.follow(url, bytes) / 1e6);
        }
        speeds.sort(Double::compare);
        report.line("reading its file, " + bytes / 1_000_000 + " MB of lines", text(ofFile()));
        double median = speeds.get(speeds.size() / 2);
        report.line(
                "log follow, the same",
                text(median) + " (" + text(speeds.getFirst()) + " to " + text(speeds.getLast()) + ")");
        report.figure("log.follow.mb-per-s", median, true);
        report.atLeast("log follow", median, 100, "MB/s");
    }

    private void awaitSaid(Pod pod) throws Exception {
        URI url = URI.create("wss://" + server + "/exec/" + path(pod) + "?command=ls&command=/tmp&output=1&error=1");
        while (!streams.exec(url).contains("done")) {
            Thread.sleep(200);
        }
    }

    /// As fast as a copy of a file as large goes through a pipe here.
    private double ofFile() throws IOException, InterruptedException {
        Path file = Files.createTempFile(raw.logs(), "log", "");
        byte[] line = ("2026-01-01T00:00:00.000000000Z stdout F " + "x".repeat(BYTES_OF_LINE - 1) + "\n")
                .getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            for (long i = 0; i < LINES; i++) {
                out.write(line);
            }
        }
        long begin = System.nanoTime();
        new ProcessBuilder("sh", "-c", "cut -c 41- <" + file + " | cat >/dev/null")
                .start()
                .waitFor();
        double seconds = (System.nanoTime() - begin) / 1e9;
        Files.delete(file);
        return LINES * BYTES_OF_LINE / seconds / 1e6;
    }

    private static String path(Pod pod) {
        return NodePods.NAMESPACE + "/" + pod.getMetadata().getName() + "/" + NodePods.CONTAINER;
    }

    private static double millis(Load.Client client) throws Exception {
        long begin = System.nanoTime();
        client.operate();
        return (System.nanoTime() - begin) / 1e6;
    }

    private static String text(double speed) {
        return String.format(Locale.ROOT, "%.0f MB/s", speed);
    }

    @Override
    public void close() {
        streams.close();
    }
}
