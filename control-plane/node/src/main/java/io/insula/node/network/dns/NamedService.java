package io.insula.node.network.dns;

import java.util.List;

/// A Service as names see it. Immutable.
///
/// @param addresses cluster IPs; none where it is headless
/// @param ports of a Service with addresses
/// @param endpoints those that are ready, of a headless one
/// @param external the name that it stands for; empty for none
public record NamedService(
        String namespace,
        String name,
        List<String> addresses,
        List<Port> ports,
        List<Endpoint> endpoints,
        String external) {
    public NamedService {
        addresses = List.copyOf(addresses);
        ports = List.copyOf(ports);
        endpoints = List.copyOf(endpoints);
    }

    /// @param protocol in lower case
    public record Port(String name, String protocol, int number) {}

    /// @param name hostname, or the address with dashes
    public record Endpoint(String name, String address, List<Port> ports) {
        public Endpoint {
            ports = List.copyOf(ports);
        }
    }
}
