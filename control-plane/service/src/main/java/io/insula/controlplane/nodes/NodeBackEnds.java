package io.insula.controlplane.nodes;

import io.insula.tenantapi.controllers.ControllerFactory;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// All node back ends that there are. Immutable.
@Singleton
public final class NodeBackEnds {

    private final Map<String, NodeBackEnd> byName = new TreeMap<>();

    /// @throws IllegalStateException when two have one name
    NodeBackEnds(List<NodeBackEnd> all) {
        for (NodeBackEnd each : all) {
            if (byName.putIfAbsent(each.name(), each) != null) {
                throw new IllegalStateException("two node back ends are called " + each.name());
            }
        }
    }

    /// What the host's manager runs for the nodes of these back ends.
    ///
    /// @throws IllegalArgumentException naming one that is not there
    public List<ControllerFactory> controllers(List<String> names) {
        return names.stream()
                .map(this::named)
                .flatMap(each -> each.controllers().stream())
                .toList();
    }

    private NodeBackEnd named(String name) {
        NodeBackEnd found = byName.get(name);
        if (found == null) {
            throw new IllegalArgumentException(
                    "nodes: \"" + name + "\" (expected: one of " + String.join(", ", byName.keySet()) + ")");
        }
        return found;
    }
}
