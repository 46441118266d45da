package io.insula.node.server;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.runtime.Container;
import io.insula.node.runtime.SandboxId;
import java.util.List;
import java.util.Optional;

/// What the node's server must know of the pods on this node. Thread-safe; answers from memory.
public interface NodePods {

    Optional<NodePod> find(String namespace, String name);

    List<NodePod> all();

    /// A pod as the agent has it.
    ///
    /// @param pod with the status that the agent last made
    /// @param sandbox its current one; empty before there is any
    /// @param containers all of it that the runtime still has, the newest of each name first
    record NodePod(Pod pod, Optional<SandboxId> sandbox, List<Container> containers) {
        public NodePod {
            containers = List.copyOf(containers);
        }

        /// The newest container of that name.
        public Optional<Container> container(String name) {
            return containers.stream().filter(c -> c.name().equals(name)).findFirst();
        }

        /// The one before the newest: what `logs --previous` shows.
        public Optional<Container> previous(String name) {
            return containers.stream()
                    .filter(c -> c.name().equals(name))
                    .skip(1)
                    .findFirst();
        }
    }
}
