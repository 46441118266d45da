package io.insula.host.simulation;

/// Our own labels and annotations of what is simulated.
final class SimulationKeys {

    /// Annotation of simulated nodes (`true`), and the name of the provisioner of simulated volumes.
    static final String SIMULATED = "insula.io/simulated";
    /// Well-known label of nodes: what kind of machine they are.
    static final String INSTANCE_TYPE = "node.kubernetes.io/instance-type";

    private SimulationKeys() {}
}
