package io.insula.node.network;

import java.net.InetSocketAddress;
import java.util.Optional;

/// Where the API server is that a pod means by `kubernetes.default`.
@FunctionalInterface
public interface ApiServers {

    /// @param tenant whose pod asks; empty for the host's own pods
    /// @return an address that this process can dial; empty where pods of that tenant have none
    Optional<InetSocketAddress> of(String tenant);
}
