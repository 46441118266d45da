package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Taint;
import io.insula.node.pod.NodeFacts;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What a node is.
///
/// @param labels beside those that every node has
/// @param capacity what all pods together may request; `cpu`, `memory`, `pods` …
/// @param podCidr addresses of its pods; empty where it does not say
/// @param pods folder of its pods' volumes and files
public record NodeSettings(
        NodeFacts facts,
        Map<String, String> labels,
        List<Taint> taints,
        Map<String, Quantity> capacity,
        String podCidr,
        Path pods) {
    public NodeSettings {
        labels = Map.copyOf(labels);
        taints = List.copyOf(taints);
        capacity = Map.copyOf(capacity);
    }
}
