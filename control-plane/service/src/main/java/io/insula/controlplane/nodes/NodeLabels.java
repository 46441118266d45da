package io.insula.controlplane.nodes;

import io.insula.node.containerd.Handlers;
import io.insula.rules.keys.InsulaKeys;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Labels by which the embedded host's nodes are told apart.
final class NodeLabels {

    /// Whose node it is: the name of its [NodeBackEnd].
    static final String BACK_END = "insula.io/node-back-end";

    /// Pools that have no virtual machines in them, and such that have: profiles choose by it.
    private static final String CONTAINERS_ONLY = "real";

    private static final String BARE_METAL = "bare-metal";

    private static final String RUNTIME_PREFIX = "runtime.insula.io/";

    private NodeLabels() {}

    /// Says that a node's pods can have a runtime: `true`. RuntimeClasses select by it.
    static String runtime(String handler) {
        return RUNTIME_PREFIX + handler;
    }

    /// What this machine bears as a node, beside `given`.
    ///
    /// @param handlers the runtimes that its pods can have
    static Map<String, String> ofThisMachine(Map<String, String> given, List<String> handlers) {
        var labels = new HashMap<>(given);
        labels.put(InsulaKeys.NODE_POOL, handlers.contains(Handlers.KATA) ? BARE_METAL : CONTAINERS_ONLY);
        handlers.forEach(handler -> labels.put(runtime(handler), "true"));
        return labels;
    }
}
