package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.ClusterImage.NodeLoad;
import io.insula.host.scheduler.ClusterImage.Placed;
import io.insula.tenantapi.api.Meta;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/// The nodes and what is on them, as one pod that looks for a place sees them. Confined to a thread, as it notes labels
/// of nodes when they are first asked for.
final class Cluster {

    private final List<Spot> spots;
    private final Function<String, Map<String, String>> namespaceLabels;
    private final List<Placed> opinionated;
    private final Map<String, Map<String, String>> labels = new HashMap<>();

    /// One node.
    record Spot(ObjectNode node, NodeLoad load) {

        String name() {
            return Meta.name(node);
        }

        Map<String, String> labels() {
            return Meta.labels(node);
        }
    }

    private Cluster(
            List<Spot> spots, Function<String, Map<String, String>> namespaceLabels, Collection<Placed> opinionated) {
        this.spots = List.copyOf(spots);
        this.namespaceLabels = namespaceLabels;
        this.opinionated = List.copyOf(opinionated);
    }

    /// @param loads of nodes by their names; none for an empty one
    /// @param opinionated those placed pods that have terms about other pods
    /// @param namespaceLabels of a namespace by its name; none for one that is not known
    static Cluster of(
            Collection<ObjectNode> nodes,
            Map<String, NodeLoad> loads,
            Collection<Placed> opinionated,
            Function<String, Map<String, String>> namespaceLabels) {
        return new Cluster(
                nodes.stream()
                        .map(node -> new Spot(node, loads.getOrDefault(Meta.name(node), NodeLoad.NONE)))
                        .toList(),
                namespaceLabels,
                opinionated);
    }

    /// With another load of one node.
    Cluster with(String node, NodeLoad load) {
        return new Cluster(
                spots.stream()
                        .map(spot -> spot.name().equals(node) ? new Spot(spot.node(), load) : spot)
                        .toList(),
                namespaceLabels,
                Stream.concat(
                                opinionated.stream()
                                        .filter(placed -> !placed.node().equals(node)),
                                load.pods().stream()
                                        .filter(placed -> placed.traits().isOpinionated()))
                        .toList());
    }

    List<Spot> spots() {
        return spots;
    }

    /// @throws IllegalStateException for a node that is not there
    Spot spot(String node) {
        return spots.stream()
                .filter(spot -> spot.name().equals(node))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("node: \"" + node + "\" (expected: one of the cluster)"));
    }

    Stream<Placed> placed() {
        return spots.stream().flatMap(spot -> spot.load().pods().stream());
    }

    /// Those placed pods that have terms about other pods.
    List<Placed> opinionated() {
        return opinionated;
    }

    Function<String, Map<String, String>> namespaceLabels() {
        return namespaceLabels;
    }

    /// Of the node that a pod is on.
    Map<String, String> labelsOf(Placed placed) {
        return labels.computeIfAbsent(
                placed.node(),
                name -> spots.stream()
                        .filter(spot -> spot.name().equals(name))
                        .findFirst()
                        .map(Spot::labels)
                        .orElse(Map.of()));
    }
}
