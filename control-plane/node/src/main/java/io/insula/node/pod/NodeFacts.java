package io.insula.node.pod;

import java.nio.file.Path;
import java.util.List;

/// What a node adds to each of its pods.
///
/// @param name the node's
/// @param address the node's own
/// @param clusterDns servers for `ClusterFirst`; empty where the cluster has none, which then means the node's own
/// @param clusterDomain e.g. `cluster.local`
/// @param machineBytes the machine's memory
/// @param logs folder of all pods' logs
/// @param cgroupRoot below which all pods live, e.g. `/insula/node-1`
public record NodeFacts(
        String name,
        String address,
        List<String> clusterDns,
        String clusterDomain,
        long machineBytes,
        Path logs,
        String cgroupRoot) {
    public NodeFacts {
        clusterDns = List.copyOf(clusterDns);
    }
}
