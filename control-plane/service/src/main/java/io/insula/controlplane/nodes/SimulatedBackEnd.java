package io.insula.controlplane.nodes;

import io.fabric8.kubernetes.api.model.Node;
import io.insula.host.simulation.NodePool;
import io.insula.host.simulation.SimulatedNodes;
import io.insula.isolation.Profiles;
import io.insula.isolation.Sandbox;
import io.insula.tenantapi.controllers.ControllerFactory;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Nodes that only say that pods run, in two pools: for scale, and for machines where nothing may be installed. Beside
/// others they are tainted: no pod goes where it does not run unless somebody wants that.
@Singleton
final class SimulatedBackEnd implements NodeBackEnd {

    private static final int BARE_METAL_NODES = 2;
    private static final int VIRTUAL_NODES = 2;

    private final List<NodePool> pools;

    SimulatedBackEnd(Profiles profiles) {
        pools = Stream.of(NodePool.bareMetal(BARE_METAL_NODES), NodePool.virtual(VIRTUAL_NODES))
                .map(pool -> labelled(withSandboxes(pool, profiles)))
                .toList();
    }

    @Override
    public String name() {
        return NodeBackEnds.SIMULATED;
    }

    @Override
    public Optional<String> storageClass() {
        return Optional.of("standard");
    }

    @Override
    public List<ControllerFactory> controllers(boolean alone) {
        return SimulatedNodes.controllers(
                alone ? pools : pools.stream().map(NodePool::tainted).toList());
    }

    @Override
    public RunningNodes start(Surroundings around) {
        return new Running(
                pools.stream()
                        .flatMap(pool -> pool.nodeNames().stream())
                        .collect(Collectors.joining(", ", "", " (simulated: nothing runs on them)")),
                pools.stream()
                        .flatMap(pool -> pool.runtimeHandlers().stream())
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    /// Also those of releases that did not label them.
    @Override
    public boolean owns(Node node) {
        return NodeBackEnd.super.owns(node)
                || node.getMetadata().getAnnotations().containsKey(SimulatedNodes.MARK);
    }

    /// With the handlers of the sandboxes that its nodes can run.
    private static NodePool withSandboxes(NodePool pool, Profiles profiles) {
        return pool.alsoRunning(profiles.sandboxes().stream()
                .filter(sandbox ->
                        pool.labels().entrySet().containsAll(sandbox.nodes().entrySet()))
                .map(Sandbox::handler)
                .filter(handler -> !handler.isEmpty())
                .toList());
    }

    private NodePool labelled(NodePool pool) {
        var labels = new HashMap<String, String>();
        labels.put(NodeLabels.BACK_END, name());
        pool.runtimeHandlers().forEach(handler -> labels.put(NodeLabels.runtime(handler), "true"));
        return pool.labelled(labels);
    }

    private record Running(String description, Set<String> handlers) implements RunningNodes {

        @Override
        public boolean isReady() {
            return true;
        }

        /// Their controllers end with the host's manager.
        @Override
        public void close() {}
    }
}
