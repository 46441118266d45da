package io.insula.node.network;

/// Where a Service sends a connection.
///
/// @param address an IPv4 address
/// @param isLocal whether it is on this machine
/// @param isReady takes new connections
/// @param isServing would take them, were it not about to end
record Backend(String address, int port, boolean isLocal, boolean isReady, boolean isServing, boolean isTerminating) {

    /// As nftables writes it.
    String target() {
        return address + " . " + port;
    }
}
