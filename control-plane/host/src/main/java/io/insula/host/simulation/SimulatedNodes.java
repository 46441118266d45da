package io.insula.host.simulation;

import io.insula.tenantapi.controllers.ControllerFactory;
import java.time.Duration;
import java.util.List;

/// Entry point: the controllers that play nodes and kubelets for a host without machines.
public final class SimulatedNodes {

    /// Annotation of simulated nodes (`true`), and key of the taint that they bear beside others.
    public static final String MARK = SimulationKeys.SIMULATED;

    private static final Duration PACE = Duration.ofMillis(150);

    private SimulatedNodes() {}

    /// For the host's manager, besides [io.insula.host.scheduler.Scheduler#factory()].
    public static List<ControllerFactory> controllers(List<NodePool> pools) {
        return controllers(pools, PACE);
    }

    /// @param pace how long each step of a pod takes (sandbox, each init container, start, stop), at least 1 ms
    public static List<ControllerFactory> controllers(List<NodePool> pools, Duration pace) {
        List<SimulatedNode> nodes = SimulatedNode.of(pools);
        return List.of(
                new NodeHeartbeat.Factory(nodes),
                new PodRunner.Factory(nodes, pace),
                new MachineRunner.Factory(),
                new VolumeProvisioner.Factory());
    }

    /// For a host without simulated nodes: machines find no node, and wait with the scheduler's words.
    public static List<ControllerFactory> machinesAlone() {
        return List.of(new MachineRunner.Factory());
    }
}
