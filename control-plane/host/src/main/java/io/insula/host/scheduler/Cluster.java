package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.ClusterImage.NodeLoad;
import io.insula.host.scheduler.ClusterImage.Placed;
import io.insula.tenantapi.api.Meta;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/// The nodes and what is on them, as one pod that looks for a place sees them. Immutable.
final class Cluster {

    private final List<Spot> spots;
    private final Function<String, Map<String, String>> namespaceLabels;
    private final List<Placed> opinionated;
    private final Map<String, Spot> byName = new HashMap<>();

    /// One node. Its name and labels are read once, as each is asked for again and again.
    record Spot(String name, Map<String, String> labels, ObjectNode node, NodeLoad load) {

        static Spot of(ObjectNode node, NodeLoad load) {
            return new Spot(Meta.name(node), Meta.labels(node), node, load);
        }

        Spot with(NodeLoad other) {
            return new Spot(name, labels, node, other);
        }
    }

    private Cluster(
            List<Spot> spots, Function<String, Map<String, String>> namespaceLabels, Collection<Placed> opinionated) {
        this.spots = List.copyOf(spots);
        this.namespaceLabels = namespaceLabels;
        this.opinionated = List.copyOf(opinionated);
        this.spots.forEach(spot -> byName.put(spot.name(), spot));
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
                        .map(node -> Spot.of(node, loads.getOrDefault(Meta.name(node), NodeLoad.NONE)))
                        .toList(),
                namespaceLabels,
                opinionated);
    }

    /// With another load of one node.
    Cluster with(String node, NodeLoad load) {
        return new Cluster(
                spots.stream()
                        .map(spot -> spot.name().equals(node) ? spot.with(load) : spot)
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
        return find(node)
                .orElseThrow(() -> new IllegalStateException("node: \"" + node + "\" (expected: one of the cluster)"));
    }

    /// Empty for a node that is not there.
    Optional<Spot> find(String node) {
        return Optional.ofNullable(byName.get(node));
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

    /// Of the node that a pod is on; none where that is not there.
    Map<String, String> labelsOf(Placed placed) {
        return find(placed.node()).map(Spot::labels).orElse(Map.of());
    }
}
