package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.HostRanges;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.Syncer.Reference;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointSliceSyncerTest {

    private static final Service OUTSIDE = service("outside", "");
    private static final Service SELECTING = service("selecting", "selector: {app: web}, ");
    private static final FixedView VIEW = FixedView.of("runc", node(), ownPod()).withTenant(OUTSIDE, SELECTING);
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
        var view = FixedView.of("runc", ownPod()).withTenant(OUTSIDE);

        assertThat(addresses(slice("outside", "192.0.2.1", "10.244.1.5"), view)).containsExactly("10.244.1.5");
    }

    /// Each led to somebody of the host's, or may be read as doing so.
    @ParameterizedTest
    @ValueSource(
            strings = {
                // another tenant's pod, a node, the host's Services, the host's API server
                "10.244.1.66",
                "10.0.0.1",
                "10.96.0.1",
                "10.111.255.255",
                "172.18.0.5",
                // what every machine has to itself
                "127.0.0.1",
                "127.9.9.9",
                "0.0.0.0",
                "0.1.2.3",
                "255.255.255.255",
                "224.0.0.1",
                "239.1.1.1",
                "240.0.0.1",
                "::",
                "::1",
                "fe80::1",
                "ff02::1",
                "fec0::1",
                // metadata
                "169.254.169.254",
                "169.254.170.2",
                "169.254.0.23",
                "100.100.100.200",
                "168.63.129.16",
                "192.0.0.192",
                "fd00:ec2::254",
                "fd00:ec2::23",
                "fd00:0ec2:0:0:0:0:0:254",
                "fd20:ce::254",
                "fd00:c1::a9fe:a9fe",
                "fd00:42::42",
                "fd00:a9fe:a9fe::1",
                "fd00:100::100:200",
                "fe80::a9fe:a9fe",
                // IPv4 in IPv6
                "::ffff:10.244.1.66",
                "::ffff:af4:142",
                "::ffff:10.0.0.1",
                "::ffff:a9fe:a9fe",
                "::ffff:127.0.0.1",
                "::10.244.1.66",
                "::ffff:0:10.244.1.66",
                "64:ff9b::10.244.1.66",
                "64:ff9b::a9fe:a9fe",
                "64:ff9b:1::8.8.8.8",
                "2002:af4:142::1",
                "2002:a9fe:a9fe::",
                "2001:0:af4:142::1",
                "2001:0:808:808:0:0:f50b:febd",
                "::ffff:6464:64c8",
                "::ffff:168.63.129.16",
                "::ffff:10.244.1.5",
                // what cannot be read
                "",
                "10.0.0",
                "10.244.1",
                "0x0af40142",
                "012.244.1.66",
                "10.244.1.066",
                "184811842",
                "10.244.1.66 ",
                "::ffff:10.244.1",
                "fe80::1%eth0",
                "2001:db8::1%25",
                "[2001:db8::1]",
                "localhost",
                "globex.example.com",
                "10.244.1.66/32",
                "192.0.2.1:80"
            })
    void leadsToNobodyOfTheHostsHoweverItIsWritten(String address) {
        var told = syncer.decide(new TenantOnly<>(slice("outside", "192.0.2.1", address)), VIEW);

        assertThat(((EndpointSlice) ((ApplyToHost) told.getLast()).wanted()).getEndpoints())
                .singleElement()
                .satisfies(endpoint -> assertThat(endpoint.getAddresses()).containsExactly("192.0.2.1"));
        assertThat(told.subList(0, told.size() - 1))
                .as("an Event on the slice and on its Service")
                .hasSize(2)
                .allSatisfy(change -> assertThat(((Event) ((ApplyToTenant) change).wanted()).getMessage())
                        .startsWith("endpoints[1].addresses[0]: " + address + ": "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8.8.8.8",
                "192.0.2.1",
                "10.245.0.1",
                "100.100.100.201",
                "2001:4860:4860::8888",
                "fd00:ec3::254",
                "::ffff:8.8.8.8",
                "64:ff9b::808:808",
                "2002:808:808::1",
                "10.244.1.5"
            })
    void leadsOutOfTheHost(String address) {
        assertThat(addresses(slice("outside", address), VIEW)).containsExactly(address);
    }

    @Test
    void leadsNowhereBesideOnePodOfAnother() {
        var mixed = slice("outside", "192.0.2.1, 10.244.1.66");

        assertThat(addresses(mixed, VIEW)).as("one endpoint of two addresses").isEmpty();
    }

    @Test
    void leadsNowhereIntoWhatTheOperatorNames() {
        var view = VIEW.withHostRanges(HostRanges.of(
                List.of("192.168.0.0/16", "fd00:10::/64"), List.of("10.96.0.0/12"), List.of("172.31.0.0/16")));

        for (var inside :
                List.of("192.168.77.3", "fd00:10::5", "172.31.9.9", "::ffff:192.168.77.3", "64:ff9b::ac1f:101")) {
            assertThat(addresses(slice("outside", inside), VIEW)).as(inside).isNotEmpty();
            assertThat(addresses(slice("outside", inside), view)).as(inside).isEmpty();
        }
    }

    /// Under Calico, Cilium or EKS the nodes' ranges are not where pods are.
    @Test
    void leadsNowhereElseWhereATenantsPodIsOutsideOfWhatTheHostSays() {
        var elsewhere = Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {name: y, namespace: insula-acme}
                status: {podIP: 192.168.7.7}
                """, Pod.class);
        var view = VIEW.withHost(elsewhere);
        var slice = slice("outside", "192.0.2.1", "192.168.7.7");

        assertThat(addresses(slice, view)).containsExactly("192.168.7.7");
        assertThat(syncer.decide(new TenantOnly<>(slice), view).getFirst())
                .isInstanceOfSatisfying(
                        ApplyToTenant.class,
                        told -> assertThat(((Event) told.wanted()).getMessage())
                                .contains("192.0.2.1: the shared cluster has pods elsewhere than it says"));
        assertThat(addresses(
                        slice,
                        view.withHostRanges(
                                HostRanges.of(List.of("192.168.0.0/16"), List.of("10.96.0.0/12"), List.of()))))
                .containsExactly("192.0.2.1", "192.168.7.7");
    }

    @Test
    void leadsNowhereElseWhereTheHostNamesNoServiceRange() {
        var slice = slice("outside", "192.0.2.1", "10.244.1.5");

        assertThat(addresses(slice, VIEW.withHostRanges(HostRanges.NONE))).containsExactly("10.244.1.5");
        assertThat(syncer.decide(new TenantOnly<>(slice), VIEW.withHostRanges(null)))
                .as("before the host was asked")
                .singleElement()
                .isInstanceOf(LookAgain.class);
    }

    @Test
    void saysOnceWhatItLeavesOut() {
        var slice = slice("outside", "192.0.2.1", "10.244.1.66");
        var told = syncer.decide(new TenantOnly<>(slice), VIEW);
        var host = ((ApplyToHost) told.getLast()).wanted();

        assertThat(told).hasSize(3);
        assertThat(((Event) ((ApplyToTenant) told.getFirst()).wanted())
                        .getInvolvedObject()
                        .getKind())
                .isEqualTo("EndpointSlice");
        assertThat(((Event) ((ApplyToTenant) told.get(1)).wanted())
                        .getInvolvedObject()
                        .getName())
                .isEqualTo("outside");
        assertThat(syncer.decide(new Paired<>(slice, host), VIEW))
                .singleElement()
                .isInstanceOfSatisfying(
                        ApplyToHost.class, same -> assertThat(same.wanted()).isEqualTo(host));
        assertThat(syncer.decide(new Paired<>(slice("outside", "192.0.2.1", "10.244.1.67"), host), VIEW))
                .as("another address")
                .hasSize(3);
        assertThat(((ApplyToHost) syncer.decide(new Paired<>(slice("outside", "192.0.2.1"), host), VIEW)
                                .getFirst())
                        .wanted()
                        .getMetadata()
                        .getAnnotations())
                .doesNotContainKey(InsulaLabels.REFUSED);
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
                ((ApplyToHost) syncer.decide(new TenantOnly<>(slice), view).getLast()).wanted();
    }

    private static EndpointSlice slice(String service, String... addresses) {
        var endpoints = Stream.of(addresses)
                .map(address -> "{addresses: ['" + address.replace(", ", "', '")
                        + "'], nodeName: x, targetRef: {kind: Pod, name: y}}")
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
