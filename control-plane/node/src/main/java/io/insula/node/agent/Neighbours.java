package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.agent.Admission.Rejection;
import java.util.List;
import java.util.Optional;

/// The pods of a node, to one of them. Thread-safe.
interface Neighbours {

    /// Those beside it that the node has taken and that have not ended, as they are meant.
    List<Pod> besides(Pod pod);

    /// Asks for a place among them. Idempotent.
    Optional<Rejection> admit(Pod pod);
}
