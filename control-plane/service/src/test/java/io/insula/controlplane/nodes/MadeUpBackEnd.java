package io.insula.controlplane.nodes;

import io.insula.host.simulation.NodePool;
import io.insula.host.simulation.SimulatedNodes;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What somebody writes who adds a node back end. It is there only where a context asks for what is made up.
@Singleton
@Requires(env = "made-up")
final class MadeUpBackEnd implements NodeBackEnd {

    @Override
    public String name() {
        return "made-up";
    }

    @Override
    public List<ControllerFactory> controllers(boolean alone) {
        var pool = new NodePool(
                "made-up",
                1,
                Map.of("cpu", "1", "memory", "1Gi", "pods", "10"),
                Map.of(NodeLabels.BACK_END, name(), NodeLabels.runtime("runsc"), "true"),
                List.of(),
                List.of("runc", "runsc"),
                false);
        return SimulatedNodes.controllers(List.of(pool), Duration.ofMillis(20));
    }

    @Override
    public Optional<String> storageClass() {
        return Optional.of("local");
    }

    @Override
    public boolean isReal() {
        return true;
    }

    @Override
    public RunningNodes start(Surroundings around) {
        return new Running();
    }

    private record Running() implements RunningNodes {

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public String description() {
            return "made-up-0";
        }

        @Override
        public Set<String> handlers() {
            return Set.of("runc", "runsc");
        }

        @Override
        public void close() {}
    }
}
