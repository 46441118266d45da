package io.insula.node.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.network.dns.ClusterNames;
import io.insula.node.network.dns.DnsAnswer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TenantNamesTest {

    /// Source: RFC 1035, section 3.2.2.
    private static final int A = 1;

    /// A tenant's names are its own words, and nobody else's: neither the host's name for them nor another
    /// tenant.
    @Test
    void tellsATenantWhatItsServicesStandFor() {
        Map<String, ClusterNames> names = names(List.of(), List.of(service("""
                metadata:
                  name: alias-shop-x
                  namespace: insula-acme
                  annotations: {insula.io/namespace: shop, insula.io/name: alias, insula.io/external-name: example.com}
                spec: {type: ExternalName, externalName: insula.invalid}
                """), service("""
                metadata:
                  name: empty-shop-x
                  namespace: insula-acme
                  annotations: {insula.io/namespace: shop, insula.io/name: empty}
                spec: {type: ExternalName, externalName: insula.invalid}
                """)));

        assertThat(ask(names, "acme", "alias.shop.svc.cluster.local"))
                .isInstanceOfSatisfying(
                        DnsAnswer.Elsewhere.class,
                        elsewhere -> assertThat(elsewhere.target()).isEqualTo("example.com"));
        assertThat(ask(names, "acme", "empty.shop.svc.cluster.local")).isInstanceOf(DnsAnswer.NoName.class);
        assertThat(ask(names, "globex", "alias.shop.svc.cluster.local")).isInstanceOf(DnsAnswer.NoName.class);
    }

    /// Only a pod that names both has a name of its own, and only below that Service. Source: Kubernetes
    /// documentation, "DNS for Services and Pods", "Pod's hostname and subdomain fields".
    @Test
    void callsPodsByTheirHostnameBelowTheirSubdomain() {
        List<Pod> pods = List.of(
                pod("named", "10.88.0.2", "{hostname: db-0}", "insula.io/subdomain: db"),
                pod("plain", "10.88.0.3", "{hostname: plain}", ""));
        Map<String, ClusterNames> names = names(pods, List.of(headless("db"), headless("other")));

        assertThat(ask(names, "acme", "db-0.db.shop.svc.cluster.local")).isInstanceOf(DnsAnswer.Own.class);
        assertThat(ask(names, "acme", "10-88-0-3.db.shop.svc.cluster.local")).isInstanceOf(DnsAnswer.Own.class);
        for (String none : List.of("plain.db", "db-0.other", "10-88-0-2.db")) {
            assertThat(ask(names, "acme", none + ".shop.svc.cluster.local"))
                    .as(none)
                    .isInstanceOf(DnsAnswer.NoName.class);
        }
        assertThat(ask(names, "acme", "10-88-0-2.other.shop.svc.cluster.local")).isInstanceOf(DnsAnswer.Own.class);
    }

    private static Map<String, ClusterNames> names(List<Pod> pods, List<Service> services) {
        var state = new ClusterState(
                services,
                List.of(slice("db"), slice("other")),
                List.of(
                        Objects.namespace("insula-acme", "acme", "{}"),
                        Objects.namespace("insula-globex", "globex", "{}")),
                pods,
                List.of(),
                List.of());
        return TenantNames.of(state, Population.of(state), "cluster.local");
    }

    private static DnsAnswer ask(Map<String, ClusterNames> names, String tenant, String name) {
        return Optional.ofNullable(names.get(tenant)).orElseThrow().answer(name, A);
    }

    private static Service service(String yaml) {
        return Serialization.unmarshal(yaml, Service.class);
    }

    private static Service headless(String name) {
        return service("""
                metadata:
                  name: %1$s-shop-x
                  namespace: insula-acme
                  annotations: {insula.io/namespace: shop, insula.io/name: %1$s}
                spec: {clusterIP: None, ports: [{name: sql, port: 5432}]}
                """.formatted(name));
    }

    private static EndpointSlice slice(String service) {
        return Serialization.unmarshal("""
                metadata:
                  name: %1$s-1
                  namespace: insula-acme
                  labels: {kubernetes.io/service-name: %1$s-shop-x}
                addressType: IPv4
                endpoints:
                - {addresses: [10.88.0.2], targetRef: {kind: Pod, name: named, namespace: insula-acme}}
                - {addresses: [10.88.0.3], targetRef: {kind: Pod, name: plain, namespace: insula-acme}}
                ports: [{name: sql, port: 5432, protocol: TCP}]
                """.formatted(service), EndpointSlice.class);
    }

    private static Pod pod(String name, String address, String spec, String annotation) {
        return Serialization.unmarshal("""
                metadata: {name: %s, namespace: insula-acme, uid: %s, annotations: {%s}}
                spec: %s
                status: {podIP: %s}
                """.formatted(name, name, annotation, spec, address), Pod.class);
    }
}
