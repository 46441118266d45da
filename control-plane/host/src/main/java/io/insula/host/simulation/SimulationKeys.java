package io.insula.host.simulation;

import io.insula.rules.keys.InsulaKeys;

/// Our own labels and annotations of what is simulated.
final class SimulationKeys {

    /// Annotation of simulated nodes (`true`), key of their taint, and the name of the provisioner of
    /// simulated volumes.
    static final String SIMULATED = InsulaKeys.SIMULATED;

    private SimulationKeys() {}
}
