package io.insula.it.bench;

import io.insula.it.bench.Load.Client;
import io.insula.node.runtime.TestSandbox;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// How soon pods run, beside the yardsticks: `ctr run`, and the runtime's own interface without a node. Confined to one
/// thread.
record NodeStarts(RawContainers raw, NodeProcess node, NodePods pods, Report report) {

    /// One after the other, each gone before the next; kinds take turns, so that whatever else the machine does meets
    /// all of them.
    void oneByOne(int rounds) throws Exception {
        var ctr = new ArrayList<Double>();
        var cri = new ArrayList<Double>();
        var own = new ArrayList<Double>();
        var cpu = new Cpu();
        try (var lane = pods.lane()) {
            // what happens only once: on either side the first reads programs and makes snapshots
            report.line("the first container, raw", text(millis(() -> raw.run("cold"))));
            raw.end("cold");
            report.line("the first pod of a node", text(millis(pods.sleeping(lane, "cold"))));
            pods.end(lane, "cold");
            for (int i = 0; i < rounds; i++) {
                String name = "one-" + i;
                long before = raw.cpuNanos();
                ctr.add(millis(() -> raw.run(name)));
                cpu.ctr += raw.cpuNanos() - before;
                raw.end(name);
                var sandbox = new CriPod(raw);
                before = raw.cpuNanos();
                cri.add(millis(sandbox::run));
                cpu.cri += raw.cpuNanos() - before;
                sandbox.end();
                long agent = agentNanos();
                before = node.containerd().nanos();
                own.add(millis(pods.sleeping(lane, name)));
                cpu.containerd += node.containerd().nanos() - before;
                cpu.agent += agentNanos() - agent;
                pods.end(lane, name);
            }
        }
        say("one pod after the other", new Sample(ctr), new Sample(cri), new Sample(own), cpu, rounds);
    }

    private void say(String what, Sample ctr, Sample cri, Sample own, Cpu cpu, int count) {
        report.line(what + ": ctr run with CNI", ctr + cpu(cpu.ctr, count));
        report.line(what + ": by CRI alone", cri + cpu(cpu.cri, count));
        report.line(
                what + ": a node's, create to Running",
                own
                        + cpu(cpu.containerd, count)
                        + String.format(Locale.ROOT, " and agent %.0f ms", millis(cpu.agent, count)));
        String key = what.replace(' ', '-');
        report.figure(key + ".ms", own.median(), false);
        report.figure(key + ".cri.ms", cri.median(), false);
        report.figure(key + ".ctr.ms", ctr.median(), false);
        report.figure(key + ".agent.cpu.ms", millis(cpu.agent, count), false);
        report.atMost(what + ", beside ctr run", own.median() / ctr.median(), 1.3, "×");
        report.atMost(what + ", beside CRI alone", own.median() / cri.median(), 1.3, "×");
    }

    /// All at once, then what they cost where nothing happens.
    void atOnce(int count, int idleSeconds) throws Exception {
        var cpu = new Cpu();
        long before = raw.cpuNanos();
        double ctr = parallel(count, i -> () -> raw.run("many-" + i));
        cpu.ctr = raw.cpuNanos() - before;
        parallel(count, i -> () -> raw.end("many-" + i));
        List<CriPod> sandboxes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sandboxes.add(new CriPod(raw));
        }
        before = raw.cpuNanos();
        double cri = parallel(count, i -> sandboxes.get(i)::run);
        cpu.cri = raw.cpuNanos() - before;
        parallel(count, i -> sandboxes.get(i)::end);

        var memory = new ServerMemory(node.pid());
        long heap = memory.heap();
        long resident = memory.resident();
        before = node.containerd().nanos();
        long agent = agentNanos();
        double own;
        try (var lane = pods.lane()) {
            own = parallel(count, i -> pods.sleeping(lane, "many-" + i));
        }
        cpu.containerd = node.containerd().nanos() - before;
        cpu.agent = agentNanos() - agent;
        say(
                count + " pods at once",
                new Sample(List.of(ctr)),
                new Sample(List.of(cri)),
                new Sample(List.of(own)),
                cpu,
                1);
        idle(idleSeconds, count);
        double perHeap = (memory.heap() - heap) / (double) count / 1024;
        double perResident = (memory.resident() - resident) / (double) count / 1024;
        report.line(
                "the agent's memory per pod",
                String.format(
                        Locale.ROOT,
                        "%.0f KiB of heap, %.0f KiB resident; without pods %.0f MiB of heap, %.0f MiB resident",
                        perHeap,
                        perResident,
                        heap / 1048576.0,
                        resident / 1048576.0));
        report.figure("agent.heap.per-pod.kib", perHeap, false);
        report.atMost("the agent's heap per pod", perHeap, 150, "KiB");
        try (var lane = pods.lane()) {
            parallel(count, i -> () -> pods.end(lane, "many-" + i));
        }
    }

    private void idle(int seconds, int count) throws Exception {
        report.doing(count + " pods are idle for " + seconds + " s");
        // what a start leaves to be done
        Thread.sleep(10_000);
        long agent = agentNanos();
        long containerd = node.containerd().nanos();
        long begin = System.nanoTime();
        Thread.sleep(seconds * 1000L);
        double nanos = System.nanoTime() - begin;
        double share = 100 * (agentNanos() - agent) / nanos;
        report.line(
                count + " idle pods",
                String.format(
                        Locale.ROOT,
                        "agent %.2f %% of a core, containerd with shims %.2f %%",
                        share,
                        100 * (node.containerd().nanos() - containerd) / nanos));
        report.figure("agent.idle.percent", share, false);
        report.atMost("the agent, idle with " + count + " pods", share, 1, "% of a core");
    }

    private long agentNanos() {
        return ContainerdTime.nanosOf(node.pid());
    }

    @FunctionalInterface
    private interface Kind {
        Client of(int number);
    }

    /// @return milliseconds until the last is done
    private static double parallel(int count, Kind kind) throws Exception {
        long begin = System.nanoTime();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var parts = new ArrayList<Future<?>>();
            for (int i = 0; i < count; i++) {
                Client client = kind.of(i);
                parts.add(threads.submit(() -> {
                    client.operate();
                    return null;
                }));
            }
            for (Future<?> part : parts) {
                part.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("one of " + count + " failed: " + e.getCause(), e);
        }
        return (System.nanoTime() - begin) / 1e6;
    }

    private static double millis(Client client) throws Exception {
        long begin = System.nanoTime();
        client.operate();
        return (System.nanoTime() - begin) / 1e6;
    }

    private static String text(double millis) {
        return String.format(Locale.ROOT, "%.0f ms", millis);
    }

    private static double millis(long nanos, int count) {
        return nanos / 1e6 / count;
    }

    private static String cpu(long nanos, int count) {
        return String.format(Locale.ROOT, "; CPU: containerd and below %.0f ms", millis(nanos, count));
    }

    /// Nanoseconds.
    private static final class Cpu {
        private long ctr;
        private long cri;
        private long containerd;
        private long agent;
    }

    /// A pod by the runtime's interface, without a node.
    private static final class CriPod {

        private final RawContainers raw;
        private @Nullable TestSandbox sandbox;

        private CriPod(RawContainers raw) {
            this.raw = raw;
        }

        private void run() {
            sandbox = TestSandbox.run(raw.runtime(), "", raw.image(), raw.logs());
            sandbox.start(sandbox.shell("main", "exec sleep 1000000"));
        }

        private void end() {
            if (sandbox != null) {
                sandbox.close();
            }
        }
    }
}
