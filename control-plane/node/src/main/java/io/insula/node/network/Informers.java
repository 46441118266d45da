package io.insula.node.network;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.insula.node.client.OnChange;
import java.util.List;
import java.util.function.UnaryOperator;

/// Watches what the network follows from. Thread-safe.
final class Informers implements AutoCloseable {

    private final SharedIndexInformer<Service> services;
    private final SharedIndexInformer<EndpointSlice> slices;
    private final SharedIndexInformer<Namespace> namespaces;
    private final SharedIndexInformer<Pod> pods;
    private final SharedIndexInformer<Node> nodes;
    private final SharedIndexInformer<NetworkPolicy> policies;

    /// @param changed called after each change; must not block
    Informers(KubernetesClient client, Runnable changed) {
        services = client.services().inAnyNamespace().inform(new OnChange<>(_ -> changed.run()));
        slices = client.discovery().v1().endpointSlices().inAnyNamespace().inform(new OnChange<>(_ -> changed.run()));
        namespaces = client.namespaces().inform(new OnChange<>(_ -> changed.run()));
        pods = client.pods().inAnyNamespace().inform(new OnChange<>(_ -> changed.run()));
        nodes = client.nodes().inform(new OnChange<>(_ -> changed.run()));
        policies = client.network().v1().networkPolicies().inAnyNamespace().inform(new OnChange<>(_ -> changed.run()));
    }

    private List<SharedIndexInformer<?>> all() {
        return List.of(services, slices, namespaces, pods, nodes, policies);
    }

    /// Until then what is there may look as if it were not.
    boolean haveSynced() {
        return all().stream().allMatch(SharedIndexInformer::hasSynced);
    }

    /// @param known of a pod, what is known of it beside
    ClusterState state(UnaryOperator<Pod> known) {
        return new ClusterState(
                services.getStore().list(),
                slices.getStore().list(),
                namespaces.getStore().list(),
                pods.getStore().list().stream().map(known).toList(),
                nodes.getStore().list(),
                policies.getStore().list());
    }

    @Override
    public void close() {
        all().forEach(SharedIndexInformer::close);
    }
}
