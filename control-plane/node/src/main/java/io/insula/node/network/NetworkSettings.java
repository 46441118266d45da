package io.insula.node.network;

import java.util.List;
import java.util.stream.Stream;

/// What the network of a machine's pods is told.
///
/// @param pods where its pods are
/// @param addresses of the machine, at which node ports answer, beside those that it has itself
/// @param domain of all clusters here, e.g. `cluster.local`
/// @param servers which pods mean by `kubernetes.default`
public record NetworkSettings(PodNetwork pods, List<String> addresses, String domain, ApiServers servers) {
    public NetworkSettings {
        addresses = List.copyOf(addresses);
    }

    NetworkSettings alsoAt(List<String> others) {
        return new NetworkSettings(
                pods,
                Stream.concat(addresses.stream(), others.stream()).distinct().toList(),
                domain,
                servers);
    }
}
