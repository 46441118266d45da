package io.insula.node.server;

import io.insula.node.pod.Labels;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.ContainerUsage;
import io.insula.node.server.NodePods.NodePod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// What the pods of a node use. The node's own use is the sum of its pods': several nodes may share a machine.
/// Thread-safe: keeps the last usage of each container, guarded by itself.
///
/// Source: Kubernetes, `k8s.io/kubelet/pkg/apis/stats/v1alpha1` and "Node metrics data" (/metrics/resource).
final class NodeUsage {

    private static final long SHORTEST_WINDOW_NANOS = 1_000_000_000L;

    private final String node;
    private final NodePods pods;
    private final ContainerRuntime runtime;
    private final Map<String, ContainerUsage> before = new HashMap<>();

    NodeUsage(String node, NodePods pods, ContainerRuntime runtime) {
        this.node = node;
        this.pods = pods;
        this.runtime = runtime;
    }

    /// One container's use, and, where it was looked at before, how fast.
    private record Used(ContainerUsage now, Optional<Long> nanoCores) {}

    private Map<String, List<Used>> used() {
        List<ContainerUsage> all = runtime.usage();
        synchronized (this) {
            var result = all.stream()
                    .map(usage -> new Used(usage, nanoCores(usage)))
                    .collect(Collectors.groupingBy(
                            used -> used.now().labels().getOrDefault(Labels.POD_UID, ""), Collectors.toList()));
            before.keySet().retainAll(all.stream().map(u -> u.id().value()).toList());
            return result;
        }
    }

    private Optional<Long> nanoCores(ContainerUsage now) {
        ContainerUsage last = before.get(now.id().value());
        if (last == null) {
            before.put(now.id().value(), now);
            return Optional.empty();
        }
        long nanos = java.time.Duration.between(last.at(), now.at()).toNanos();
        if (nanos >= SHORTEST_WINDOW_NANOS) {
            before.put(now.id().value(), now);
        }
        return nanos <= 0
                ? Optional.empty()
                : Optional.of((long) ((double) (now.cpuNanos() - last.cpuNanos()) / nanos * 1_000_000_000L));
    }

    Map<String, Object> summary() {
        Map<String, List<Used>> used = used();
        var mine = new ArrayList<Used>();
        var shown = new ArrayList<Object>();
        for (NodePod pod : pods.all()) {
            List<Used> containers = used.getOrDefault(pod.pod().getMetadata().getUid(), List.of());
            mine.addAll(containers);
            shown.add(pod(pod, containers));
        }
        var own = new LinkedHashMap<String, Object>();
        own.put("nodeName", node);
        own.putAll(sums(mine));
        return Map.of("node", own, "pods", shown);
    }

    private static Map<String, Object> pod(NodePod pod, List<Used> containers) {
        var metadata = pod.pod().getMetadata();
        var shown = new LinkedHashMap<String, Object>();
        shown.put(
                "podRef",
                Map.of("name", metadata.getName(), "namespace", metadata.getNamespace(), "uid", metadata.getUid()));
        if (pod.pod().getStatus().getStartTime() != null) {
            shown.put("startTime", pod.pod().getStatus().getStartTime());
        }
        shown.put(
                "containers",
                containers.stream().map(used -> container(pod, used)).toList());
        shown.putAll(sums(containers));
        return shown;
    }

    private static Map<String, Object> container(NodePod pod, Used used) {
        var shown = new LinkedHashMap<String, Object>();
        ContainerUsage now = used.now();
        shown.put("name", now.name());
        started(pod, now).ifPresent(at -> shown.put("startTime", at.toString()));
        shown.putAll(sums(List.of(used)));
        shown.put(
                "rootfs",
                Map.of(
                        "time",
                        now.at().toString(),
                        "usedBytes",
                        now.writtenBytes(),
                        "inodesUsed",
                        now.writtenInodes()));
        return shown;
    }

    private static Optional<Instant> started(NodePod pod, ContainerUsage usage) {
        return pod.containers().stream()
                .filter(c -> c.id().equals(usage.id()) && c.state() instanceof Running)
                .map(c -> ((Running) c.state()).startedAt())
                .findFirst();
    }

    private static Map<String, Object> sums(List<Used> all) {
        if (all.isEmpty()) {
            return Map.of();
        }
        String at = all.stream()
                .map(u -> u.now().at())
                .max(Instant::compareTo)
                .orElseThrow()
                .toString();
        var cpu = new LinkedHashMap<String, Object>();
        cpu.put("time", at);
        if (all.stream().anyMatch(u -> u.nanoCores().isPresent())) {
            cpu.put(
                    "usageNanoCores",
                    all.stream().mapToLong(u -> u.nanoCores().orElse(0L)).sum());
        }
        cpu.put(
                "usageCoreNanoSeconds",
                all.stream().mapToLong(u -> u.now().cpuNanos()).sum());
        var memory = new LinkedHashMap<String, Object>();
        memory.put("time", at);
        memory.put(
                "usageBytes", all.stream().mapToLong(u -> u.now().usageBytes()).sum());
        memory.put(
                "workingSetBytes",
                all.stream().mapToLong(u -> u.now().workingSetBytes()).sum());
        memory.put("rssBytes", all.stream().mapToLong(u -> u.now().rssBytes()).sum());
        return Map.of("cpu", cpu, "memory", memory);
    }

    /// In the text format of Prometheus.
    String metrics() {
        Map<String, List<Used>> used = used();
        var text = new StringBuilder();
        var perContainer = new ArrayList<Map.Entry<String, Used>>();
        var perPod = new ArrayList<Map.Entry<String, List<Used>>>();
        for (NodePod pod : pods.all()) {
            var metadata = pod.pod().getMetadata();
            List<Used> containers = used.getOrDefault(metadata.getUid(), List.of());
            String labels = "namespace=\"" + metadata.getNamespace() + "\",pod=\"" + metadata.getName() + "\"";
            containers.forEach(
                    u -> perContainer.add(Map.entry("{container=\"" + u.now().name() + "\"," + labels + "}", u)));
            if (!containers.isEmpty()) {
                perPod.add(Map.entry("{" + labels + "}", containers));
            }
        }
        head(text, "container_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed by the container");
        perContainer.forEach(
                e -> line(text, "container_cpu_usage_seconds_total", e.getKey(), cpu(List.of(e.getValue()))));
        head(text, "container_memory_working_set_bytes", "gauge", "Current working set of the container");
        perContainer.forEach(
                e -> line(text, "container_memory_working_set_bytes", e.getKey(), memory(List.of(e.getValue()))));
        head(text, "pod_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed by the pod");
        perPod.forEach(e -> line(text, "pod_cpu_usage_seconds_total", e.getKey(), cpu(e.getValue())));
        head(text, "pod_memory_working_set_bytes", "gauge", "Current working set of the pod");
        perPod.forEach(e -> line(text, "pod_memory_working_set_bytes", e.getKey(), memory(e.getValue())));
        List<Used> all = perPod.stream().flatMap(e -> e.getValue().stream()).toList();
        head(text, "node_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed by the node");
        line(text, "node_cpu_usage_seconds_total", "", cpu(all));
        head(text, "node_memory_working_set_bytes", "gauge", "Current working set of the node");
        line(text, "node_memory_working_set_bytes", "", memory(all));
        return text.toString();
    }

    private static void head(StringBuilder text, String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void line(StringBuilder text, String name, String labels, String value) {
        text.append(name).append(labels).append(' ').append(value).append('\n');
    }

    private static String cpu(List<Used> all) {
        return String.format(
                Locale.ROOT,
                "%.9f",
                all.stream().mapToLong(u -> u.now().cpuNanos()).sum() / 1e9);
    }

    private static String memory(List<Used> all) {
        return Long.toString(
                all.stream().mapToLong(u -> u.now().workingSetBytes()).sum());
    }
}
