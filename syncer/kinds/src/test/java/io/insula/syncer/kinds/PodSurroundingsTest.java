package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodDNSConfigOption;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What a pod is told of the cluster around it: its tenant's, never the host's.
class PodSurroundingsTest {

    private static final FixedView VIEW = FixedView.of("runc");
    private static final Service DATABASE = Serialization.unmarshal("""
            metadata: {name: my-db, namespace: shop, uid: d1}
            spec:
              type: ClusterIP
              clusterIP: 10.96.1.1
              ports: [{name: sql, port: 5432, protocol: TCP}, {name: stats, port: 9187, protocol: UDP}]
            """, Service.class);
    private static final Service ELSEWHERE = Serialization.unmarshal("""
            metadata: {name: other, namespace: backoffice, uid: d2}
            spec: {type: ClusterIP, clusterIP: 10.96.1.2, ports: [{port: 80}]}
            """, Service.class);
    private static final Service DNS = Serialization.unmarshal("""
            metadata: {name: kube-dns, namespace: kube-system, uid: d3}
            spec: {type: ClusterIP, clusterIP: 10.96.0.10, ports: [{port: 53, protocol: UDP}]}
            """, Service.class);

    @Test
    void findsTheTenantsApiServerAndNotTheHosts() {
        assertThat(environment(host("{}", VIEW)))
                .containsEntry("KUBERNETES_SERVICE_HOST", "10.96.7.7")
                .containsEntry("KUBERNETES_SERVICE_PORT", "443")
                .containsEntry("KUBERNETES_SERVICE_PORT_HTTPS", "443")
                .containsEntry("KUBERNETES_PORT", "tcp://10.96.7.7:443")
                .containsEntry("KUBERNETES_PORT_443_TCP", "tcp://10.96.7.7:443")
                .containsEntry("KUBERNETES_PORT_443_TCP_PROTO", "tcp")
                .containsEntry("KUBERNETES_PORT_443_TCP_PORT", "443")
                .containsEntry("KUBERNETES_PORT_443_TCP_ADDR", "10.96.7.7")
                .as("all that a host's kubelet would set")
                .hasSize(8);
    }

    @Test
    void isToldTheServicesOfItsNamespaceUnlessItDeclines() {
        var view = VIEW.withTenant(DATABASE, ELSEWHERE);

        var told = environment(host("{}", view));
        var declined = environment(host("{enableServiceLinks: false}", view));

        assertThat(told)
                .containsEntry("MY_DB_SERVICE_HOST", "10.96.1.1")
                .containsEntry("MY_DB_SERVICE_PORT", "5432")
                .containsEntry("MY_DB_SERVICE_PORT_STATS", "9187")
                .containsEntry("MY_DB_PORT", "tcp://10.96.1.1:5432")
                .containsEntry("MY_DB_PORT_9187_UDP", "udp://10.96.1.1:9187")
                .doesNotContainKey("OTHER_SERVICE_HOST");
        assertThat(declined).doesNotContainKey("MY_DB_SERVICE_HOST").containsKey("KUBERNETES_SERVICE_HOST");
        assertThat(host("{}", view).getEnableServiceLinks()).isFalse();
    }

    @Test
    void keepsTheVariablesThatAContainerSetsItself() {
        var spec = host("""
                {containers: [{name: c, image: i, env: [
                  {name: KUBERNETES_SERVICE_HOST, value: mine},
                  {name: URL, value: "$(KUBERNETES_SERVICE_PORT)"}]}]}
                """, VIEW);

        var env = spec.getContainers().getFirst().getEnv();
        assertThat(env).extracting(EnvVar::getName).doesNotHaveDuplicates();
        assertThat(environment(spec)).containsEntry("KUBERNETES_SERVICE_HOST", "mine");
        assertThat(env.getLast().getName()).as("after what it refers to").isEqualTo("URL");
    }

    @Test
    void waitsUntilTheTenantsApiServerHasAnAddress() {
        assertThat(new PodSyncer(Beans.profiles()).decide(new TenantOnly<>(pod("{}")), VIEW.withoutTenant()))
                .singleElement()
                .isInstanceOf(LookAgain.class);
    }

    @Test
    void resolvesNamesAsTheTenantsOwnDnsDoes() {
        var spec = host("""
                {dnsConfig: {nameservers: [1.1.1.1], searches: [corp.example], options: [{name: timeout, value: "1"}]}}
                """, VIEW.withTenant(DNS));

        assertThat(spec.getDnsPolicy()).isEqualTo("None");
        assertThat(spec.getDnsConfig().getNameservers()).containsExactly("10.96.0.10", "1.1.1.1");
        assertThat(spec.getDnsConfig().getSearches())
                .containsExactly("shop.svc.cluster.local", "svc.cluster.local", "cluster.local", "corp.example");
        assertThat(spec.getDnsConfig().getOptions())
                .containsExactly(new PodDNSConfigOption("ndots", "5"), new PodDNSConfigOption("timeout", "1"));
    }

    @Test
    void neverAsksTheHostsDnsForClusterNames() {
        for (var wanted : List.of("{}", "{dnsPolicy: ClusterFirst}", "{dnsPolicy: ClusterFirstWithHostNet}")) {
            var spec = host(wanted, VIEW);

            assertThat(spec.getDnsPolicy()).as(wanted).isEqualTo("Default");
            assertThat(spec.getHostAliases())
                    .singleElement()
                    .satisfies(alias -> assertThat(alias.getHostnames())
                            .contains("kubernetes.default.svc.cluster.local")
                            .doesNotContain("kubernetes"));
        }
        assertThat(host("{dnsPolicy: None, dnsConfig: {nameservers: [1.1.1.1]}}", VIEW.withTenant(DNS))
                        .getDnsConfig()
                        .getNameservers())
                .as("the pod's own choice")
                .containsExactly("1.1.1.1");
    }

    private static Map<String, String> environment(PodSpec spec) {
        return spec.getContainers().getFirst().getEnv().stream()
                .collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
    }

    private static PodSpec host(String spec, FixedView view) {
        var changes = new PodSyncer(Beans.profiles()).decide(new TenantOnly<>(pod(spec)), view);
        return ((Pod) ((CreateOnHost) changes.getFirst()).wanted()).getSpec();
    }

    private static Pod pod(String spec) {
        var containers = spec.contains("containers:")
                ? ""
                : "containers: [{name: c, image: i}]" + (spec.equals("{}") ? "" : ", ");
        var whole = spec.replace('\n', ' ').replaceFirst("\\{", "{" + containers);
        return Serialization.unmarshal("metadata: {name: web, namespace: shop, uid: u1}\nspec: " + whole, Pod.class);
    }
}
