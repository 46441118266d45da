package io.insula.host.simulation;

import io.insula.rules.keys.InsulaKeys;
import io.insula.rules.keys.WellKnownKeys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Like nodes, declared as data. Immutable.
///
/// @param name the pool and the prefix of its nodes' names, a DNS label: `bare-metal` makes `bare-metal-0`…
/// @param count how many nodes, 0–200
/// @param capacity quantities of a node, e.g. cpu, memory, ephemeral-storage, pods
/// @param labels beyond the ones every node has
/// @param taints put on each node
/// @param runtimeHandlers the RuntimeClass handlers the nodes have besides the default one
/// @param machines whether KubeVirt's virtual machines may run here (`kubevirt.io/schedulable`)
public record NodePool(
        String name,
        int count,
        Map<String, String> capacity,
        Map<String, String> labels,
        List<Taint> taints,
        List<String> runtimeHandlers,
        boolean machines) {

    public NodePool {
        if (count < 0 || count > 200) {
            throw new IllegalArgumentException("count: " + count + " (expected: 0 to 200)");
        }
        capacity = Map.copyOf(capacity);
        labels = Map.copyOf(labels);
        taints = List.copyOf(taints);
        runtimeHandlers = List.copyOf(runtimeHandlers);
    }

    /// @param effect NoSchedule, PreferNoSchedule or NoExecute
    public record Taint(String key, String value, String effect) {}

    /// With these handlers too.
    public NodePool alsoRunning(List<String> handlers) {
        var all = Stream.concat(runtimeHandlers.stream(), handlers.stream())
                .distinct()
                .toList();
        return new NodePool(name, count, capacity, labels, taints, all, machines);
    }

    /// With these labels too.
    public NodePool labelled(Map<String, String> more) {
        var all = new HashMap<>(labels);
        all.putAll(more);
        return new NodePool(name, count, capacity, all, taints, runtimeHandlers, machines);
    }

    /// With the taint by which a simulated node beside real ones keeps pods off that want to run.
    public NodePool tainted() {
        var all = new ArrayList<>(taints);
        all.add(new Taint(SimulationKeys.SIMULATED, "", "NoSchedule"));
        return new NodePool(name, count, capacity, labels, all, runtimeHandlers, machines);
    }

    public List<String> nodeNames() {
        return IntStream.range(0, count).mapToObj(i -> name + "-" + i).toList();
    }

    /// Big machines with every sandbox.
    public static NodePool bareMetal(int count) {
        return new NodePool(
                "bare-metal",
                count,
                Map.of("cpu", "64", "memory", "256Gi", "ephemeral-storage", "1Ti", "pods", "250"),
                Map.of(InsulaKeys.NODE_POOL, "bare-metal", WellKnownKeys.INSTANCE_TYPE, "simulated.metal"),
                List.of(),
                List.of("runc", "runsc", "gvisor", "kata", "kata-qemu", "kata-clh"),
                true);
    }

    /// Smaller machines that are virtual themselves: no nested VMs, so neither Kata nor KubeVirt.
    public static NodePool virtual(int count) {
        return new NodePool(
                "vm",
                count,
                Map.of("cpu", "16", "memory", "64Gi", "ephemeral-storage", "200Gi", "pods", "110"),
                Map.of(InsulaKeys.NODE_POOL, "vm", WellKnownKeys.INSTANCE_TYPE, "simulated.large"),
                List.of(),
                List.of("runc", "runsc", "gvisor"),
                false);
    }
}
