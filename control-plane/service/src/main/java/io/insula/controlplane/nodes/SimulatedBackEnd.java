package io.insula.controlplane.nodes;

import io.insula.host.simulation.NodePool;
import io.insula.host.simulation.SimulatedNodes;
import io.insula.isolation.Profiles;
import io.insula.isolation.Sandbox;
import io.insula.tenantapi.controllers.ControllerFactory;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.stream.Stream;

/// Nodes that only say that pods run, in two pools: for scale, and for machines where nothing may be installed.
@Singleton
final class SimulatedBackEnd implements NodeBackEnd {

    private static final int BARE_METAL_NODES = 2;
    private static final int VIRTUAL_NODES = 2;

    private final Profiles profiles;

    SimulatedBackEnd(Profiles profiles) {
        this.profiles = profiles;
    }

    @Override
    public String name() {
        return "simulated";
    }

    @Override
    public List<ControllerFactory> controllers() {
        return SimulatedNodes.controllers(
                Stream.of(NodePool.bareMetal(BARE_METAL_NODES), NodePool.virtual(VIRTUAL_NODES))
                        .map(this::withSandboxes)
                        .toList());
    }

    /// With the handlers of the sandboxes that its nodes can run.
    private NodePool withSandboxes(NodePool pool) {
        return pool.alsoRunning(profiles.sandboxes().stream()
                .filter(sandbox ->
                        pool.labels().entrySet().containsAll(sandbox.nodes().entrySet()))
                .map(Sandbox::handler)
                .filter(handler -> !handler.isEmpty())
                .toList());
    }
}
