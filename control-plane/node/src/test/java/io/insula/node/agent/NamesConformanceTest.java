package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.containerd.TestContainerd;
import io.insula.node.runtime.Patience;
import io.insula.tenantapi.conformance.Conformance;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Names as upstream's conformance tests ask for them, from a pod, by UDP and by TCP.
@ExtendWith(TestContainerd.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NamesConformanceTest {

    private static final String NAMESPACE = "shop";
    private static final String DOMAIN = ".shop.svc.cluster.local";
    private static final String DNS = "[sig-network] DNS should ";

    private final NetworkedNode node;
    private String querier = "";
    private String regular = "";

    NamesConformanceTest(OwnContainerd containerd) throws Exception {
        node = new NetworkedNode("names", containerd, _ -> Optional.empty());
    }

    @BeforeAll
    void runPods() {
        node.namespace(NAMESPACE, Map.of());
        service("headless", "{clusterIP: None, selector: {app: named}, ports: [{name: http, port: 80}]}");
        regular = service("regular", "{selector: {app: named}, ports: [{name: http, port: 80}]}")
                .getSpec()
                .getClusterIP();
        pod("querier", "hostname: dns-querier, subdomain: headless,");
        pod("foreign", "dnsPolicy: None, dnsConfig: {nameservers: [1.1.1.1], searches: [resolv.conf.local]},");
        querier = Patience.some(
                "its address",
                () -> Optional.ofNullable(
                        node.get(NAMESPACE, "querier").getStatus().getPodIP()));
    }

    private void pod(String name, String fields) {
        node.client()
                .resource(Serialization.unmarshal(
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: %s, namespace: %s, labels: {app: named}}
                        spec: {terminationGracePeriodSeconds: 0, %s containers: [{name: main, image: '%s', command: [sleep, '10000']}]}
                        """.formatted(name, NAMESPACE, fields, TestContainerd.IMAGE), Pod.class))
                .create();
    }

    private Service service(String name, String spec) {
        return node.client()
                .resource(Serialization.unmarshal(
                        "apiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: %s}\nspec: %s"
                                .formatted(name, NAMESPACE, spec),
                        Service.class))
                .create();
    }

    @AfterAll
    void stop() throws Exception {
        node.close();
    }

    private void awaitAnswer(String type, String name, String... words) {
        Patience.until(name, () -> {
            var said = node.once(NAMESPACE, "querier", "nslookup -type=%s %s".formatted(type, name));
            String text = new String(said.stdout(), StandardCharsets.UTF_8);
            return said.exitCode() == 0 && List.of(words).stream().allMatch(text::contains);
        });
    }

    /// That an answer by TCP ends with this address, as one of a single record does.
    private void awaitOverTcp(String name, String address) {
        var query = new ByteArrayOutputStream();
        query.writeBytes(new byte[] {0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
        for (String label : name.split("\\.", -1)) {
            query.write(label.length());
            query.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        query.writeBytes(new byte[] {0, 0, 1, 0, 1});
        var escaped = new StringBuilder("\\000\\%03o".formatted(query.size()));
        for (byte each : query.toByteArray()) {
            escaped.append("\\%03o".formatted(each & 0xff));
        }
        var want = new StringBuilder();
        for (String part : address.split("\\.", -1)) {
            want.append("%02x".formatted(Integer.parseInt(part)));
        }
        String script = "(printf '%s'; sleep 1) | nc -w 5 %s 53 | hexdump -v -e '1/1 \"%%02x\"'"
                .formatted(escaped, node.machine());
        Patience.until(
                name + " by TCP",
                () -> new String(node.once(NAMESPACE, "querier", script).stdout(), StandardCharsets.UTF_8)
                        .endsWith(want.toString()));
    }

    @Test
    @Conformance(value = DNS + "provide DNS for the cluster [Conformance]", weaker = Conformance.NOTHING)
    void leadToTheCluster() {
        String cluster = node.client()
                .services()
                .inNamespace("default")
                .withName("kubernetes")
                .require()
                .getSpec()
                .getClusterIP();
        awaitAnswer("a", "kubernetes.default.svc.cluster.local", cluster);
        awaitOverTcp("kubernetes.default.svc.cluster.local", cluster);
    }

    @Test
    @Conformance(value = DNS + "provide DNS for services [Conformance]", weaker = Conformance.NOTHING)
    void leadToServices() {
        awaitAnswer("a", "headless" + DOMAIN, querier);
        awaitAnswer("a", "regular" + DOMAIN, regular);
        awaitAnswer("srv", "_http._tcp.headless" + DOMAIN, "80", "dns-querier.headless" + DOMAIN);
        awaitAnswer("srv", "_http._tcp.regular" + DOMAIN, "80", "regular" + DOMAIN);
        String backwards = String.join(".", List.of(regular.split("\\.", -1)).reversed()) + ".in-addr.arpa";
        awaitAnswer("ptr", backwards, "regular" + DOMAIN);
        awaitOverTcp("regular" + DOMAIN, regular);
    }

    @Test
    @Conformance(
            value = DNS + "resolve DNS of partial qualified names for services [LinuxOnly] [Conformance]",
            weaker = "asks for partial names of SRV records too")
    void leadToServicesByPartsOfTheirNames() {
        for (String part : List.of("", ".shop", ".shop.svc")) {
            assertThat(node.until(NAMESPACE, "querier", "ping -c 1 -W 5 dns-querier.headless" + part))
                    .contains(querier);
            Patience.until(
                    "regular" + part,
                    () -> new String(
                                    node.once(NAMESPACE, "querier", "ping -c 1 -W 1 regular" + part)
                                            .stdout(),
                                    StandardCharsets.UTF_8)
                            .contains("(" + regular + ")"));
        }
    }

    @Test
    @Conformance(
            value = {
                DNS + "provide /etc/hosts entries for the cluster [Conformance]",
                DNS + "provide DNS for pods for Hostname [Conformance]",
                DNS + "provide DNS for pods for Subdomain [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void leadToPods() {
        String own = "dns-querier.headless" + DOMAIN;
        assertThat(node.until(NAMESPACE, "querier", "cat /etc/hosts"))
                .contains(querier + "\t" + own + "\tdns-querier\n");
        awaitAnswer("a", own, querier);
        awaitOverTcp(own, querier);
        awaitAnswer("a", "headless" + DOMAIN, querier);
    }

    @Test
    @Conformance(value = DNS + "provide DNS for ExternalName services [Conformance]", weaker = Conformance.NOTHING)
    void leadElsewhereAsLongAsTheyShall() {
        service("other", "{type: ExternalName, externalName: foo.example.com}");
        awaitAnswer("cname", "other" + DOMAIN, "foo.example.com");
        change(service -> service.editSpec().withExternalName("bar.example.com").endSpec());
        awaitAnswer("cname", "other" + DOMAIN, "bar.example.com");
        Service own = change(service -> service.editSpec()
                .withType("ClusterIP")
                .withExternalName(null)
                .addNewPort()
                .withName("http")
                .withPort(80)
                .withProtocol("TCP")
                .endPort()
                .endSpec());
        awaitAnswer("a", "other" + DOMAIN, own.getSpec().getClusterIP());
        awaitOverTcp("other" + DOMAIN, own.getSpec().getClusterIP());
    }

    private Service change(UnaryOperator<ServiceBuilder> change) {
        return node.client()
                .services()
                .inNamespace(NAMESPACE)
                .withName("other")
                .edit(service -> change.apply(new ServiceBuilder(service)).build());
    }

    @Test
    @Conformance(value = DNS + "support configurable pod DNS nameservers [Conformance]", weaker = Conformance.NOTHING)
    void areAskedOfWhomThePodSays() {
        assertThat(node.until(NAMESPACE, "foreign", "cat /etc/resolv.conf"))
                .contains("nameserver 1.1.1.1", "search resolv.conf.local")
                .doesNotContain(node.machine());
    }
}
