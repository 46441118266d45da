package io.insula.node.network;

/// What of the machine is open to pods, at the machine's end of their cable.
///
/// @param dns port of the resolver, by UDP and TCP; 0 for none
/// @param api port behind which each pod finds its own API server; 0 for none
record Doors(int dns, int api) {

    static final Doors NONE = new Doors(0, 0);
}
