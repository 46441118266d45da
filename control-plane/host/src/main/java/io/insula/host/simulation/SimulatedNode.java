package io.insula.host.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One node of a pool: what never changes about it. Immutable, pure.
///
/// Its addresses and its pods' are of [io.insula.rules.network.ReservedBlocks#SIMULATED], which nobody routes: a /24
/// of pods for each node from the block's beginning, and the nodes' own in what is left at its end.
///
/// @param index unique over all pools, 0 to [#MOST] - 1: gives the addresses
record SimulatedNode(NodePool pool, int number, int index) {

    /// How many nodes there are addresses for.
    static final int MOST = 508;

    private static final String KUBELET = "v1.34.2";

    static List<SimulatedNode> of(List<NodePool> pools) {
        var nodes = new ArrayList<SimulatedNode>();
        for (NodePool pool : pools) {
            for (int i = 0; i < pool.count(); i++) {
                nodes.add(new SimulatedNode(pool, i, nodes.size()));
            }
        }
        if (nodes.size() > MOST) {
            throw new IllegalArgumentException("nodes: " + nodes.size() + " (expected: at most " + MOST + ")");
        }
        return nodes;
    }

    String name() {
        return pool.name() + "-" + number;
    }

    String hostIp() {
        return "198.19." + (252 + index / 250) + "." + (index % 250 + 2);
    }

    /// The first three bytes of its /24, with a final dot.
    String podNetwork() {
        return "198." + (18 + index / 256) + "." + index % 256 + ".";
    }

    boolean canRun(String handler) {
        return handler.isEmpty() || pool.runtimeHandlers().contains(handler);
    }

    /// The Node as it registers itself.
    ObjectNode object(Instant now) {
        ObjectNode node = Json.object().put("apiVersion", "v1").put("kind", "Node");
        ObjectNode meta = node.putObject("metadata").put("name", name());
        ObjectNode labels = meta.putObject("labels");
        labels.put(WellKnownKeys.HOSTNAME, name())
                .put(WellKnownKeys.OPERATING_SYSTEM, "linux")
                .put(WellKnownKeys.ARCHITECTURE, "amd64")
                .put(WellKnownKeys.BETA_OPERATING_SYSTEM, "linux")
                .put(WellKnownKeys.BETA_ARCHITECTURE, "amd64");
        if (pool.machines()) {
            labels.put("kubevirt.io/schedulable", "true");
        }
        pool.labels().forEach(labels::put);
        meta.putObject("annotations").put(SimulationKeys.SIMULATED, "true");
        ObjectNode spec = node.putObject("spec");
        spec.put("podCIDR", podNetwork() + "0/24").put("providerID", "insula://" + name());
        spec.putArray("podCIDRs").add(podNetwork() + "0/24");
        for (NodePool.Taint taint : pool.taints()) {
            spec.withArrayProperty("taints")
                    .addObject()
                    .put("key", taint.key())
                    .put("value", taint.value())
                    .put("effect", taint.effect());
        }
        node.set("status", status(Json.object(), now));
        return node;
    }

    /// What brings a Node of an earlier start to what is declared now: missing labels, and the taint of simulated
    /// nodes, which others do not give. Empty where nothing is to be done; whatever others wrote stays.
    Optional<ObjectNode> registration(ObjectNode current) {
        ObjectNode patch = Json.object();
        pool.labels().forEach((label, value) -> {
            if (!value.equals(
                    current.path("metadata").path("labels").path(label).asText())) {
                patch.withObjectProperty("metadata")
                        .withObjectProperty("labels")
                        .put(label, value);
            }
        });
        ArrayNode taints = Json.MAPPER.createArrayNode();
        current.path("spec").path("taints").forEach(taint -> {
            if (!taint.path("key").asText().equals(SimulationKeys.SIMULATED)) {
                taints.add(taint);
            }
        });
        pool.taints().stream()
                .filter(taint -> taint.key().equals(SimulationKeys.SIMULATED))
                .forEach(taint -> taints.addObject().put("key", taint.key()).put("effect", taint.effect()));
        if (!sorted(taints).equals(sorted(current.path("spec").path("taints")))) {
            patch.withObjectProperty("spec").set("taints", taints);
        }
        return patch.isEmpty() ? Optional.empty() : Optional.of(patch);
    }

    private static List<String> sorted(JsonNode taints) {
        return taints.valueStream()
                .map(taint ->
                        taint.path("key").asText() + "=" + taint.path("value").asText() + ":"
                                + taint.path("effect").asText())
                .sorted()
                .toList();
    }

    /// The status it reports, keeping transition times of `before`.
    ObjectNode status(ObjectNode before, Instant now) {
        ObjectNode status = before.deepCopy();
        ObjectNode capacity = status.putObject("capacity");
        pool.capacity().forEach(capacity::put);
        status.set("allocatable", capacity.deepCopy());
        Condition.set(
                status,
                "MemoryPressure",
                false,
                "KubeletHasSufficientMemory",
                "kubelet has sufficient memory available",
                now);
        Condition.set(status, "DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure", now);
        Condition.set(
                status, "PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available", now);
        Condition.set(status, "Ready", true, "KubeletReady", "kubelet is posting ready status", now);
        Condition.listIn(status).forEach(c -> ((ObjectNode) c).put("lastHeartbeatTime", Meta.timestamp(now)));
        var addresses = status.putArray("addresses");
        addresses.addObject().put("type", "InternalIP").put("address", hostIp());
        addresses.addObject().put("type", "Hostname").put("address", name());
        // nobody serves there: what knows of a port dials it
        status.remove("daemonEndpoints");
        status.putObject("nodeInfo")
                .put("machineID", "insula-" + name())
                .put("systemUUID", "insula-" + name())
                .put("bootID", "insula-" + name())
                .put("kernelVersion", "6.12.0")
                .put("osImage", "Insula simulated node")
                .put("containerRuntimeVersion", "containerd://2.1.0")
                .put("kubeletVersion", KUBELET)
                .put("kubeProxyVersion", "")
                .put("operatingSystem", "linux")
                .put("architecture", "amd64");
        var handlers = status.putArray("runtimeHandlers");
        handlers.addObject().put("name", "");
        pool.runtimeHandlers().forEach(h -> handlers.addObject().put("name", h));
        return status;
    }
}
