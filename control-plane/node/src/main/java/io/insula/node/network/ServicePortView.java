package io.insula.node.network;

import java.util.List;

/// One port of a Service, as far as packets are concerned.
///
/// @param id of the Service and its port, the same as long as they are
/// @param protocol `tcp`, `udp` or `sctp`
/// @param addresses its cluster IPs
/// @param external addresses outside of the cluster that lead to it, without load balancers'
/// @param balanced addresses of load balancers
/// @param sources whom load balancers let in; empty for everybody
/// @param nodePort 0 for none
/// @param affinitySeconds how long a client keeps its endpoint; 0 for not at all
record ServicePortView(
        String id,
        String protocol,
        int port,
        List<String> addresses,
        List<String> external,
        List<String> balanced,
        List<String> sources,
        int nodePort,
        int affinitySeconds,
        boolean isInternalLocal,
        boolean isExternalLocal,
        Backends backends) {
    ServicePortView {
        addresses = List.copyOf(addresses);
        external = List.copyOf(external);
        balanced = List.copyOf(balanced);
        sources = List.copyOf(sources);
    }

    boolean isReachedFromOutside() {
        return nodePort != 0 || !external.isEmpty() || !balanced.isEmpty();
    }
}
