package io.insula.rules.keys;

/// Insula's own labels that modules need which have nothing else in common.
public final class InsulaKeys {

    /// Label of nodes: the pool by which isolation profiles choose them.
    public static final String NODE_POOL = "insula.io/node-pool";

    private InsulaKeys() {}
}
