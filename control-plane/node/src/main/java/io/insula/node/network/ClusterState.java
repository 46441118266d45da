package io.insula.node.network;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.List;

/// What the API server says, as far as the network follows from it. Immutable; the objects are not to be changed.
record ClusterState(
        List<Service> services,
        List<EndpointSlice> slices,
        List<Namespace> namespaces,
        List<Pod> pods,
        List<Node> nodes,
        List<NetworkPolicy> policies) {
    ClusterState {
        services = List.copyOf(services);
        slices = List.copyOf(slices);
        namespaces = List.copyOf(namespaces);
        pods = List.copyOf(pods);
        nodes = List.copyOf(nodes);
        policies = List.copyOf(policies);
    }
}
