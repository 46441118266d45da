package io.insula.node.network;

import io.insula.node.network.dns.ClusterNames;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;

/// Who is at which address, and what it is told. Immutable.
///
/// @param names of each tenant
/// @param machine as pods see it: the host's own programs
record Askers(Population population, Map<String, ClusterNames> names, String machine) {

    static final Askers NONE = new Askers(Population.EMPTY, Map.of(), "");

    Askers {
        names = Map.copyOf(names);
    }

    /// Empty for somebody unknown; an empty name for the host's own.
    Optional<String> tenant(InetAddress address) {
        String text = address.getHostAddress();
        return text.equals(machine)
                ? Optional.of("")
                : Optional.ofNullable(population.byAddress().get(text)).map(PodFacts::tenant);
    }

    Optional<ClusterNames> names(InetAddress address) {
        return tenant(address).flatMap(tenant -> Optional.ofNullable(names.get(tenant)));
    }
}
