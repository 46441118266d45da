package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;

/// The other pods of a node. Thread-safe.
@FunctionalInterface
interface Neighbours {

    /// As they are meant, ended ones too.
    List<Pod> besides(Pod pod);
}
