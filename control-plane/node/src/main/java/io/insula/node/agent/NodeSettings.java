package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Taint;
import io.insula.node.logs.LogRotation;
import io.insula.node.pod.NodeFacts;
import io.insula.node.server.NodeServing;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a node is.
///
/// @param labels beside those that every node has
/// @param capacity what all pods together may request; `cpu`, `memory`, `pods` …
/// @param podCidr addresses of its pods; empty where it does not say
/// @param serving where the API server reaches it; without it nothing that runs here has logs or shells
/// @param logLimits of each container's log
/// @param limits of what pods may take of the machine
/// @param pods folder of its pods' volumes and files
public record NodeSettings(
        NodeFacts facts,
        Map<String, String> labels,
        List<Taint> taints,
        Map<String, Quantity> capacity,
        String podCidr,
        Path pods,
        Optional<NodeServing> serving,
        LogRotation.Limits logLimits,
        NodeLimits limits) {
    public NodeSettings {
        labels = Map.copyOf(labels);
        taints = List.copyOf(taints);
        capacity = Map.copyOf(capacity);
    }

    /// Without a server.
    public NodeSettings(
            NodeFacts facts,
            Map<String, String> labels,
            List<Taint> taints,
            Map<String, Quantity> capacity,
            String podCidr,
            Path pods) {
        this(facts, labels, taints, capacity, podCidr, pods, Optional.empty(), LogRotation.USUAL, NodeLimits.USUAL);
    }

    public NodeSettings serving(NodeServing where) {
        return new NodeSettings(
                facts, labels, taints, capacity, podCidr, pods, Optional.of(where), logLimits, this.limits);
    }

    public NodeSettings logLimits(LogRotation.Limits limits) {
        return new NodeSettings(facts, labels, taints, capacity, podCidr, pods, serving, limits, this.limits);
    }

    public NodeSettings limits(NodeLimits limits) {
        return new NodeSettings(facts, labels, taints, capacity, podCidr, pods, serving, logLimits, limits);
    }
}
