package io.insula.tenantapi.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.rules.network.IpAddress;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.egress.Destination;
import io.insula.tenantapi.fake.FakeObjectClient;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ServiceEndpointsTest {

    private static final GroupVersionResource SLICES =
            new GroupVersionResource("discovery.k8s.io", "v1", "endpointslices");
    private static final RunningPods ONE_RUNS =
            (pod, address) -> Meta.uid(pod).equals("u-1") && address.toString().equals("10.244.0.1");

    private final FakeObjectClient store = new FakeObjectClient().with(FakeObjectClient.core("services"), """
            metadata: {namespace: default, name: web}
            spec: {clusterIP: 10.96.0.10, ports: [{name: plain, port: 80}, {name: tls, port: 443}]}
            """);

    @Test
    void takesReadyEndpointsOfThePortsNameOnly() {
        slice(
                "web-1",
                "{name: tls, port: 8443}",
                "{addresses: [10.244.0.1]}, {addresses: [10.244.0.2], conditions: {ready: false}}");
        slice("web-2", "{name: plain, port: 8080}", "{addresses: [10.244.0.3]}");
        slice("web-3", "{name: tls, port: 9443}", "{addresses: [10.244.0.4, 'no address'], conditions: {ready: true}}");

        Set<Destination.At> seen = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            seen.add(resolve(443));
        }

        assertThat(seen).containsExactlyInAnyOrder(at("10.244.0.1", 8443, false), at("10.244.0.4", 9443, false));
    }

    @Test
    void believesThatAPodRunsWhoeverRunsItAlone() {
        pod("web-1", "u-1");
        pod("web-2", "u-2");
        for (String target : new String[] {
            "{kind: Pod, namespace: default, name: web-1, uid: u-2}",
            "{kind: Pod, namespace: default, name: web-2, uid: u-2}",
            "{kind: Pod, namespace: other, name: web-1, uid: u-1}",
            "{kind: Node, name: web-1, uid: u-1}",
            "{kind: Pod, namespace: default, name: gone, uid: u-1}"
        }) {
            slice("web", "{name: tls, port: 8443}", "{addresses: [10.244.0.1], targetRef: " + target + "}");
            assertThat(resolve(443)).as(target).isEqualTo(at("10.244.0.1", 8443, false));
            store.delete(SLICES, "default", "web", FakeObjectClient.yaml("{}"));
        }
        slice(
                "web",
                "{name: tls, port: 8443}",
                "{addresses: [10.244.0.1], targetRef: {kind: Pod, namespace: default, name: web-1, uid: u-1}}");
        assertThat(resolve(443)).isEqualTo(at("10.244.0.1", 8443, true));
    }

    @Test
    void saysWhatIsMissing() {
        assertThatThrownBy(() -> resolve(443))
                .isInstanceOf(WebhookFailure.class)
                .hasMessage("no endpoints available for service \"web\"");
        assertThatThrownBy(() -> resolve(444)).hasMessage("no service port 444 found for service \"web\"");
        assertThatThrownBy(() -> ServiceResolver.byEndpoints(() -> store, RunningPods.UNKNOWN)
                        .resolve("default", "none", 443))
                .hasMessage("service \"none\" not found");
    }

    private Destination.At resolve(int port) {
        return ServiceResolver.byEndpoints(() -> store, ONE_RUNS).resolve("default", "web", port);
    }

    private void slice(String name, String port, String endpoints) {
        store.with(SLICES, """
                metadata: {namespace: default, name: %s, labels: {kubernetes.io/service-name: web}}
                ports: [%s]
                endpoints: [%s]
                """.formatted(name, port, endpoints));
    }

    private void pod(String name, String uid) {
        store.with(FakeObjectClient.core("pods"), """
                metadata: {namespace: default, name: %s, uid: %s}
                """.formatted(name, uid));
    }

    private static Destination.At at(String address, int port, boolean running) {
        return new Destination.At(IpAddress.parse(address).orElseThrow(), port, running);
    }
}
