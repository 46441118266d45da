package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.ClusterImage.NodeLoad;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Clusters of what is on their nodes.
final class Clusters {

    private Clusters() {}

    static Cluster of(
            List<ObjectNode> nodes,
            Map<String, NodeLoad> loads,
            Function<String, Map<String, String>> namespaceLabels) {
        var opinionated = loads.values().stream()
                .flatMap(load -> load.pods().stream())
                .filter(placed -> placed.traits().isOpinionated())
                .toList();
        return Cluster.of(nodes, loads, opinionated, namespaceLabels);
    }
}
