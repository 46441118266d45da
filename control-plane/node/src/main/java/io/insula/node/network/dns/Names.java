package io.insula.node.network.dns;

import java.net.InetAddress;
import java.util.Optional;

/// Whose names an asker is told.
@FunctionalInterface
public interface Names {

    /// @return empty for somebody who is told nothing
    Optional<ClusterNames> of(InetAddress asker);
}
