package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpecBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.dsl.ServiceResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.containerd.TestContainerd;
import io.insula.node.runtime.Patience;
import io.insula.tenantapi.conformance.Conformance;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Services as upstream's conformance tests look at them, from a pod: by Insula's own controllers, the node's
/// network and three pods that say who they are.
@ExtendWith(TestContainerd.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NetworkConformanceTest {

    private static final String NAMESPACE = "shop";
    private static final String SERVICES = "[sig-network] Services should ";
    private static final List<String> WEB = List.of("web-1", "web-2", "web-3");

    /// Upstream's count of answers by which it knows that a client stays, or does not.
    private static final int CONFIRMED = 15;

    private final NetworkedNode node;

    NetworkConformanceTest(OwnContainerd containerd) throws Exception {
        node = new NetworkedNode("net-conformance", containerd, _ -> Optional.empty());
    }

    @BeforeAll
    void runPods() {
        node.namespace(NAMESPACE, Map.of());
        for (String name : WEB) {
            server(name, "web");
        }
        pod("visitor", "visitor", "exec sleep 10000");
        WEB.forEach(name -> awaitPage(address(name) + ":8080", name));
    }

    private void server(String name, String app) {
        pod(
                name,
                app,
                "mkdir /w; hostname > /w/index.html; httpd -p 8090 -h /w; exec httpd -f -p 8080 -h /w",
                "ports: [{name: http, containerPort: 8080}, {name: other, containerPort: 8090}],");
    }

    private void pod(String name, String app, String script, String... more) {
        node.client()
                .resource(Serialization.unmarshal(
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: %s, namespace: %s, labels: {app: %s}}
                        spec: {terminationGracePeriodSeconds: 0, containers: [{name: main, image: '%s', %s command: [sh, -c, '%s']}]}
                        """.formatted(name, NAMESPACE, app, TestContainerd.IMAGE, String.join("", more), script),
                        Pod.class))
                .create();
    }

    @AfterAll
    void stop() throws Exception {
        node.close();
    }

    private String address(String pod) {
        return Patience.some(
                "an address of " + pod,
                () -> Optional.ofNullable(node.get(NAMESPACE, pod).getStatus().getPodIP()));
    }

    private Service service(String name, String spec) {
        return node.client()
                .resource(Serialization.unmarshal(
                        "apiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: %s}\nspec: %s"
                                .formatted(name, NAMESPACE, spec),
                        Service.class))
                .create();
    }

    private ServiceResource<Service> named(String name) {
        return node.client().services().inNamespace(NAMESPACE).withName(name);
    }

    private Service change(String name, UnaryOperator<ServiceSpecBuilder> change) {
        return named(name)
                .edit(service -> new ServiceBuilder(service)
                        .withSpec(change.apply(new ServiceSpecBuilder(service.getSpec()))
                                .build())
                        .build());
    }

    private static String at(Service service, int port) {
        return service.getSpec().getClusterIP() + ":" + port;
    }

    private String atNode(Service service) {
        return node.machine() + ":" + service.getSpec().getPorts().getFirst().getNodePort();
    }

    /// Who answers there, of those who do.
    private Set<String> seen(String target) {
        String script =
                "for i in $(seq %d); do timeout 5 wget -q -O - http://%s || exit 1; done".formatted(CONFIRMED, target);
        return new TreeSet<>(node.until(NAMESPACE, "visitor", script).lines().toList());
    }

    private void awaitSeen(String target, String... names) {
        Patience.until(target + " to be " + List.of(names), () -> seen(target).equals(new TreeSet<>(List.of(names))));
    }

    private void awaitPage(String target, String name) {
        assertThat(node.until(NAMESPACE, "visitor", "timeout 5 wget -q -O - http://" + target))
                .isEqualTo(name + "\n");
    }

    private void awaitNobody(String target) {
        Patience.until(
                "nobody at " + target,
                () -> node.once(NAMESPACE, "visitor", "timeout 5 wget -q -O - http://" + target)
                                .exitCode()
                        != 0);
    }

    private void end(String pod) {
        node.client()
                .pods()
                .inNamespace(NAMESPACE)
                .withName(pod)
                .withGracePeriod(0)
                .delete();
    }

    @Test
    @Conformance(
            value = "[sig-network] Networking Granular Checks: Pods should function for intra-pod communication: http"
                    + " [NodeConformance] [Conformance]",
            weaker = Conformance.NOTHING)
    void leadsFromPodToPod() {
        WEB.forEach(name -> awaitPage(address(name) + ":8080", name));
    }

    @Test
    @Conformance(value = SERVICES + "serve a basic endpoint from pods [Conformance]", weaker = Conformance.NOTHING)
    void followsItsPods() {
        Service basic = service("basic", "{selector: {app: basic}, ports: [{port: 80, targetPort: 8080}]}");
        awaitNobody(at(basic, 80));
        server("basic-1", "basic");
        awaitSeen(at(basic, 80), "basic-1");
        awaitSeen("basic", "basic-1");
        server("basic-2", "basic");
        awaitSeen(at(basic, 80), "basic-1", "basic-2");
        end("basic-1");
        awaitSeen(at(basic, 80), "basic-2");
        end("basic-2");
        awaitNobody(at(basic, 80));
    }

    @Test
    @Conformance(value = SERVICES + "serve multiport endpoints from pods [Conformance]", weaker = Conformance.NOTHING)
    void leadsEachPortToThePodsThatNameIt() {
        Service ports = service(
                "multiport",
                "{selector: {app: multiport}, ports: [{name: one, port: 80, targetPort: svc1}, {name: two, port: 81,"
                        + " targetPort: svc2}]}");
        String serve = "mkdir /w; hostname > /w/index.html; exec httpd -f -p %d -h /w";
        pod("multiport-1", "multiport", serve.formatted(100), "ports: [{name: svc1, containerPort: 100}],");
        awaitSeen(at(ports, 80), "multiport-1");
        awaitNobody(at(ports, 81));
        pod("multiport-2", "multiport", serve.formatted(101), "ports: [{name: svc2, containerPort: 101}],");
        awaitSeen(at(ports, 81), "multiport-2");
        awaitSeen(at(ports, 80), "multiport-1");
        end("multiport-1");
        awaitNobody(at(ports, 80));
        awaitSeen(at(ports, 81), "multiport-2");
        end("multiport-2");
        awaitNobody(at(ports, 81));
    }

    @Test
    @Conformance(
            value = {
                SERVICES + "be able to create a functioning NodePort service [Conformance]",
                SERVICES + "be able to change the type from NodePort to ExternalName [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void answersAtTheNodesPortUntilItIsAnotherName() {
        service("target", "{selector: {app: web}, ports: [{port: 8080, targetPort: 8080}]}");
        Service made = service(
                "node-port",
                "{type: NodePort, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}");
        awaitSeen(at(made, 80), "web-1", "web-2", "web-3");
        awaitSeen("node-port", "web-1", "web-2", "web-3");
        awaitSeen(atNode(made), "web-1", "web-2", "web-3");

        becomeExternal("node-port");
        awaitNobody(atNode(made));
        awaitNobody(at(made, 80));
    }

    @Test
    @Conformance(
            value = SERVICES + "be able to change the type from ClusterIP to ExternalName [Conformance]",
            weaker = Conformance.NOTHING)
    void becomesAnotherName() {
        service("target-too", "{selector: {app: web}, ports: [{port: 8080, targetPort: 8080}]}");
        Service made = service("cluster-ip", "{selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}");
        awaitSeen("cluster-ip", "web-1", "web-2", "web-3");
        becomeExternal("cluster-ip");
        awaitNobody(at(made, 80));
    }

    private void becomeExternal(String name) {
        String target = (name.equals("node-port") ? "target" : "target-too") + ".shop.svc.cluster.local";
        Service changed = change(
                name,
                spec -> spec.withType("ExternalName")
                        .withExternalName(target)
                        .withClusterIP(null)
                        .withClusterIPs()
                        .withPorts());
        assertThat(changed.getSpec().getClusterIP()).isNullOrEmpty();
        awaitSeen(name + ":8080", "web-1", "web-2", "web-3");
    }

    @Test
    @Conformance(
            value = {
                SERVICES + "be able to change the type from ExternalName to ClusterIP [Conformance]",
                SERVICES + "be able to change the type from ExternalName to NodePort [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void stopsBeingAnotherName() {
        for (String type : List.of("ClusterIP", "NodePort")) {
            String name = "was-external-" + type.toLowerCase(java.util.Locale.ROOT);
            service(name, "{type: ExternalName, externalName: example.com}");
            Service made = change(
                    name,
                    spec -> spec.withType(type)
                            .withExternalName(null)
                            .withSelector(Map.of("app", "web"))
                            .addNewPort()
                            .withName("http")
                            .withPort(80)
                            .withProtocol("TCP")
                            .withNewTargetPort(8080)
                            .endPort());
            awaitSeen(at(made, 80), "web-1", "web-2", "web-3");
            awaitSeen(name, "web-1", "web-2", "web-3");
            if (type.equals("NodePort")) {
                awaitSeen(atNode(made), "web-1", "web-2", "web-3");
            }
        }
    }

    @Test
    @Conformance(
            value = {
                SERVICES + "have session affinity work for service with type clusterIP [LinuxOnly] [Conformance]",
                SERVICES
                        + "be able to switch session affinity for service with type clusterIP [LinuxOnly] [Conformance]",
                SERVICES + "have session affinity work for NodePort service [LinuxOnly] [Conformance]",
                SERVICES + "be able to switch session affinity for NodePort service [LinuxOnly] [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void keepsAClientWhereItIsOnlyAsLongAsItShall() {
        Service sticky = service(
                "sticky",
                "{type: NodePort, sessionAffinity: ClientIP, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}");
        List<String> targets = List.of(at(sticky, 80), atNode(sticky));
        targets.forEach(target -> Patience.until(
                "a client to stay at " + target, () -> seen(target).size() == 1));
        change("sticky", spec -> spec.withSessionAffinity("None").withSessionAffinityConfig(null));
        targets.forEach(target -> awaitSeen(target, "web-1", "web-2", "web-3"));
        change("sticky", spec -> spec.withSessionAffinity("ClientIP"));
        targets.forEach(target -> Patience.until(
                "a client to stay again at " + target, () -> seen(target).size() == 1));
        targets.forEach(target -> assertThat(seen(target)).isEqualTo(seen(target)));
    }

    @Test
    @Conformance(
            value = {
                "[sig-apps] ReplicationController should serve a basic image on each replica with a public image"
                        + " [Conformance]",
                "[sig-apps] ReplicaSet should serve a basic image on each replica with a public image [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void answersByEachReplica() {
        for (String kind : List.of("v1, kind: ReplicationController", "apps/v1, kind: ReplicaSet")) {
            String app = kind.contains("Set") ? "set" : "controller";
            String selector = kind.contains("Set") ? "{matchLabels: {app: set}}" : "{app: controller}";
            var made = node.client()
                    .resource("""
                            ---
                            {apiVersion: %1$s, metadata: {name: %2$s, namespace: %3$s}, spec: {replicas: 2, selector: %4$s, template: {metadata:
                             {labels: {app: %2$s}}, spec: {terminationGracePeriodSeconds: 0, containers: [{name: main, image: '%5$s', command:
                             [sh, -c, 'mkdir /w; hostname > /w/index.html; exec httpd -f -p 8080 -h /w']}]}}}}
                            """.formatted(kind, app, NAMESPACE, selector, TestContainerd.IMAGE))
                    .create();
            List<Pod> pods = Patience.some(
                    "two pods of " + app,
                    () -> Optional.of(node.client()
                                    .pods()
                                    .inNamespace(NAMESPACE)
                                    .withLabel("app", app)
                                    .list()
                                    .getItems())
                            .filter(all -> all.size() == 2));
            pods.forEach(pod -> awaitPage(
                    address(pod.getMetadata().getName()) + ":8080",
                    pod.getMetadata().getName()));
            node.client().resource(made).delete();
        }
    }

    @Test
    @Conformance(
            value = {
                "[sig-network] EndpointSlice should support a Service with multiple ports specified in multiple"
                        + " EndpointSlices [Conformance]",
                "[sig-network] EndpointSlice should support a Service with multiple endpoint IPs specified in multiple"
                        + " EndpointSlices [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void leadsWhereSlicesOfOthersSay() {
        String ports = "{ports: [{name: port80, port: 80}, {name: port81, port: 81}]}";
        Service byPort = service("by-port", ports);
        slice("by-port", "web-1", "port80", 8080);
        slice("by-port", "web-1", "port81", 8090);
        awaitSeen(at(byPort, 80), "web-1");
        awaitSeen(at(byPort, 81), "web-1");

        Service byAddress = service("by-address", ports);
        slice("by-address", "web-1", "port80", 8080);
        slice("by-address", "web-2", "port81", 8080);
        awaitSeen(at(byAddress, 80), "web-1");
        awaitSeen(at(byAddress, 81), "web-2");
    }

    private void slice(String service, String pod, String port, int number) {
        node.client()
                .resource(Serialization.unmarshal(
                        """
                        apiVersion: discovery.k8s.io/v1
                        kind: EndpointSlice
                        metadata: {name: %1$s-%2$s, namespace: %3$s, labels: {kubernetes.io/service-name: %1$s, endpointslice.kubernetes.io/managed-by: us}}
                        addressType: IPv4
                        endpoints: [{addresses: [%4$s], conditions: {ready: true}}]
                        ports: [{name: %2$s, port: %5$d, protocol: TCP}]
                        """.formatted(service, port, NAMESPACE, address(pod), number), EndpointSlice.class))
                .create();
    }
}
