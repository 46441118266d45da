package io.insula.node.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.image.ImageBuilder;
import io.insula.node.pod.PodTrees;
import io.insula.node.runtime.RuntimeFailure;
import io.insula.node.runtime.RuntimeInfo;
import io.insula.rules.keys.WellKnownKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/// The Node and its Lease, as a kubelet keeps them. Confined to the heartbeat's thread after [#register].
///
/// Source: Kubernetes, "Nodes", heartbeats and conditions.
final class NodeObject {

    private static final int LEASE_SECONDS = 40;
    private static final String LEASES = "kube-node-lease";

    private static final Map<String, Words> PRESSURE = Map.of(
            "MemoryPressure",
            new Words(
                    "KubeletHasSufficientMemory",
                    "sufficient memory available",
                    "KubeletHasInsufficientMemory",
                    "insufficient memory available"),
            "DiskPressure",
            new Words("KubeletHasNoDiskPressure", "no disk pressure", "KubeletHasDiskPressure", "disk pressure"),
            "PIDPressure",
            new Words(
                    "KubeletHasSufficientPID",
                    "sufficient PID available",
                    "KubeletHasInsufficientPID",
                    "insufficient PID available"));

    private final NodeContext node;
    private final Supplier<List<String>> pressing;
    private final String name;
    private final int port;
    private volatile JsonNode seen = NullNode.getInstance();

    /// @param port where the node serves; 0 where it does not
    /// @param pressing the conditions that hold, by type
    NodeObject(NodeContext node, int port, Supplier<List<String>> pressing) {
        this.node = node;
        this.pressing = pressing;
        this.port = port;
        this.name = node.settings().facts().name();
    }

    /// Makes the Node where there is none, else keeps what others have put on it.
    void register() {
        var labels = new HashMap<>(node.settings().labels());
        labels.put(WellKnownKeys.HOSTNAME, name);
        labels.put(WellKnownKeys.OPERATING_SYSTEM, "linux");
        labels.put(WellKnownKeys.ARCHITECTURE, ImageBuilder.architecture());
        var wanted = new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withTaints(node.settings().taints())
                .endSpec()
                .build();
        if (!node.settings().podCidr().isEmpty()) {
            wanted.getSpec().setPodCIDR(node.settings().podCidr());
            wanted.getSpec().setPodCIDRs(List.of(node.settings().podCidr()));
        }
        Node there = node.client().nodes().withName(name).get();
        if (there == null) {
            seen = PodTrees.of(node.client().resource(wanted).create());
        } else {
            seen = PodTrees.of(there);
            node.client()
                    .nodes()
                    .withName(name)
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            Serialization.asJson(Map.of("metadata", Map.of("labels", labels))));
        }
    }

    /// As it was last read. From any thread.
    JsonNode seen() {
        return seen;
    }

    void renew() {
        lease();
        Node there = node.client().nodes().withName(name).get();
        if (there == null) {
            register();
            there = node.client().nodes().withName(name).get();
        }
        seen = PodTrees.of(there);
        node.client()
                .nodes()
                .withName(name)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.STRATEGIC_MERGE),
                        Serialization.asJson(Map.of("status", status(there))));
    }

    private Map<String, Object> status(Node there) {
        var facts = node.settings().facts();
        RuntimeInfo runtime = runtime();
        String now = PodStatuses.text(Instant.now());
        return Map.of(
                "daemonEndpoints", Map.of("kubeletEndpoint", Map.of("Port", port)),
                "capacity", node.settings().capacity(),
                "allocatable", node.settings().capacity(),
                "addresses",
                        List.of(
                                Map.of("type", "InternalIP", "address", facts.address()),
                                Map.of("type", "Hostname", "address", name)),
                "nodeInfo",
                        Map.of(
                                "machineID", read("/etc/machine-id"),
                                "systemUUID", read("/etc/machine-id"),
                                "bootID", read("/proc/sys/kernel/random/boot_id"),
                                "kernelVersion", System.getProperty("os.version", ""),
                                "osImage", osImage(),
                                "containerRuntimeVersion", runtime.name() + "://" + runtime.version(),
                                "kubeletVersion", "v1.34.0-insula",
                                "kubeProxyVersion", "",
                                "operatingSystem", "linux",
                                "architecture", ImageBuilder.architecture()),
                "conditions",
                        List.of(
                                pressure(there, "MemoryPressure", now),
                                pressure(there, "DiskPressure", now),
                                pressure(there, "PIDPressure", now),
                                condition(
                                        there,
                                        "Ready",
                                        runtime.isReady(),
                                        runtime.isReady() ? "KubeletReady" : "KubeletNotReady",
                                        runtime.isReady()
                                                ? "kubelet is posting ready status"
                                                : String.join(", ", runtime.problems()),
                                        now)));
    }

    private NodeCondition pressure(Node there, String type, String now) {
        boolean holds = pressing.get().contains(type);
        Words words = Objects.requireNonNull(PRESSURE.get(type));
        return condition(
                there,
                type,
                holds,
                holds ? words.shortReason() : words.enoughReason(),
                "kubelet has " + (holds ? words.shortMessage() : words.enoughMessage()),
                now);
    }

    private record Words(String enoughReason, String enoughMessage, String shortReason, String shortMessage) {}

    private RuntimeInfo runtime() {
        try {
            return node.runtime().info();
        } catch (RuntimeFailure e) {
            return new RuntimeInfo("containerd", "", List.of("container runtime is down: " + e.getMessage()));
        }
    }

    private static NodeCondition condition(
            Node there, String type, boolean holds, String reason, String message, String now) {
        String status = holds ? "True" : "False";
        String since = there.getStatus() == null
                ? now
                : there.getStatus().getConditions().stream()
                        .filter(c -> c.getType().equals(type) && c.getStatus().equals(status))
                        .map(NodeCondition::getLastTransitionTime)
                        .findFirst()
                        .orElse(now);
        return new NodeConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withLastHeartbeatTime(now)
                .withLastTransitionTime(since)
                .build();
    }

    private void lease() {
        ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
        var leases = node.client().leases().inNamespace(LEASES);
        if (leases.withName(name).get() == null) {
            try {
                leases.resource(new LeaseBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .withNamespace(LEASES)
                                .endMetadata()
                                .withNewSpec()
                                .withHolderIdentity(name)
                                .withLeaseDurationSeconds(LEASE_SECONDS)
                                .withRenewTime(now)
                                .endSpec()
                                .build())
                        .create();
            } catch (KubernetesClientException e) {
                if (e.getCode() != 409) {
                    throw e;
                }
            }
            return;
        }
        leases.withName(name)
                .edit(lease -> new LeaseBuilder(lease)
                        .editSpec()
                        .withHolderIdentity(name)
                        .withRenewTime(now)
                        .endSpec()
                        .build());
    }

    private static String osImage() {
        return read("/etc/os-release")
                .lines()
                .filter(line -> line.startsWith("PRETTY_NAME="))
                .map(line -> line.substring("PRETTY_NAME=".length()).replace("\"", ""))
                .findFirst()
                .orElse("Linux");
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
