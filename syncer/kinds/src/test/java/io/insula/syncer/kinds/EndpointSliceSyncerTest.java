package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.isolation.Sandbox;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.Syncer.Reference;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EndpointSliceSyncerTest {

    private static final Service OUTSIDE = service("outside", "");
    private static final Service SELECTING = service("selecting", "selector: {app: web}, ");
    private static final FixedView VIEW =
            FixedView.of(Sandbox.RUNC, node(), ownPod()).withTenant(OUTSIDE, SELECTING);
    private final EndpointSliceSyncer syncer = new EndpointSliceSyncer();

    @Test
    void leadsOutOfTheClusterAndToTheTenantsPodsOnly() {
        var slice = slice("outside", "192.0.2.1", "10.244.1.5", "10.244.1.66", "10.0.0.1");

        assertThat(addresses(slice, VIEW))
                .as("not another tenant's pod 10.244.1.66, not the node 10.0.0.1")
                .containsExactly("192.0.2.1", "10.244.1.5");
    }

    @Test
    void leadsNowhereElseWhereTheHostNamesNoPodNetworks() {
        var view = FixedView.of(Sandbox.RUNC, ownPod()).withTenant(OUTSIDE);

        assertThat(addresses(slice("outside", "192.0.2.1", "10.244.1.5"), view)).containsExactly("10.244.1.5");
    }

    @Test
    void leadsToTheTenantsOwnApiServerByItsOwnServiceOnly() {
        var view = VIEW;

        assertThat(addresses(apiServer("default", "kubernetes", 6443), view)).containsExactly("10.0.0.1");
        assertThat(addresses(apiServer("default", "kubernetes", 10250), view))
                .as("the kubelet at that address")
                .isEmpty();
        assertThat(addresses(apiServer("shop", "outside", 6443), view)).isEmpty();
    }

    @Test
    void belongsToTheServiceOfItsOwnNamespace() {
        var host = host(slice("outside", "192.0.2.1"), VIEW);

        assertThat(host.getMetadata().getLabels())
                .containsEntry("kubernetes.io/service-name", VIEW.names().hostName("Service", "shop", "outside"))
                .containsEntry("endpointslice.kubernetes.io/managed-by", "insula-syncer.insula.io");
    }

    @Test
    void leavesServicesThatSelectPodsToTheHost() {
        assertThat(syncer.decide(new TenantOnly<>(slice("selecting", "192.0.2.1")), VIEW))
                .isEmpty();
        assertThat(syncer.decide(new TenantOnly<>(slice("nobodys", "192.0.2.1")), VIEW))
                .isEmpty();
        assertThat(syncer.decide(new Paired<>(slice("selecting", "192.0.2.1"), slice("selecting", "192.0.2.1")), VIEW))
                .singleElement()
                .isInstanceOf(DeleteFromHost.class);
        assertThat(syncer.dependents(OUTSIDE, VIEW.withTenant(slice("outside", "192.0.2.1"))))
                .containsExactly(new Reference("EndpointSlice", "shop", "outside-1"));
    }

    private List<String> addresses(EndpointSlice slice, FixedView view) {
        return host(slice, view).getEndpoints().stream()
                .flatMap(endpoint -> endpoint.getAddresses().stream())
                .toList();
    }

    private EndpointSlice host(EndpointSlice slice, FixedView view) {
        return (EndpointSlice)
                ((ApplyToHost) syncer.decide(new TenantOnly<>(slice), view).getFirst()).wanted();
    }

    private static EndpointSlice slice(String service, String... addresses) {
        var endpoints = Stream.of(addresses)
                .map(address -> "{addresses: [" + address + "], nodeName: x, targetRef: {kind: Pod, name: y}}")
                .toList();
        return Serialization.unmarshal(
                "metadata: {name: " + service + "-1, namespace: shop, uid: e1, labels: {kubernetes.io/service-name: "
                        + service + "}}\naddressType: IPv4\nendpoints: " + endpoints
                        + "\nports: [{port: 80, protocol: TCP}]",
                EndpointSlice.class);
    }

    private static EndpointSlice apiServer(String namespace, String service, int port) {
        return Serialization.unmarshal(
                "metadata: {name: k, namespace: " + namespace + ", uid: e1, labels: {kubernetes.io/service-name: "
                        + service + "}}\naddressType: IPv4\nendpoints: [{addresses: [10.0.0.1]}]\nports: [{port: "
                        + port + ", protocol: TCP}]",
                EndpointSlice.class);
    }

    private static Service service(String name, String selector) {
        return Serialization.unmarshal(
                "metadata: {name: " + name + ", namespace: shop, uid: s1}\nspec: {type: ClusterIP, " + selector
                        + "ports: [{port: 80}]}",
                Service.class);
    }

    private static HasMetadata node() {
        return Serialization.unmarshal("""
                apiVersion: v1
                kind: Node
                metadata: {name: n1}
                spec: {podCIDRs: [10.244.1.0/24]}
                status: {addresses: [{type: InternalIP, address: 10.0.0.1}]}
                """, Node.class);
    }

    private static HasMetadata ownPod() {
        return Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {name: x, namespace: insula-acme}
                status: {podIP: 10.244.1.5}
                """, Pod.class);
    }
}
