package io.insula.controlplane.nodes;

import io.insula.host.simulation.NodePool;
import io.insula.host.simulation.SimulatedNodes;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// What somebody writes who adds a node back end. It is there only where a context asks for what is made up.
@Singleton
@Requires(env = "made-up")
final class MadeUpBackEnd implements NodeBackEnd {

    @Override
    public String name() {
        return "made-up";
    }

    @Override
    public List<ControllerFactory> controllers() {
        var pool = new NodePool(
                "made-up",
                1,
                Map.of("cpu", "1", "memory", "1Gi", "pods", "10"),
                Map.of(),
                List.of(),
                List.of("runc"),
                false);
        return SimulatedNodes.controllers(List.of(pool), Duration.ofMillis(20));
    }
}
