package io.insula.controlplane.nodes;

/// Labels by which the embedded host's nodes are told apart.
final class NodeLabels {

    /// Whose node it is: the name of its [NodeBackEnd].
    static final String BACK_END = "insula.io/node-back-end";

    private static final String RUNTIME_PREFIX = "runtime.insula.io/";

    private NodeLabels() {}

    /// Says that a node's pods can have a runtime: `true`. RuntimeClasses select by it.
    static String runtime(String handler) {
        return RUNTIME_PREFIX + handler;
    }
}
