package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.containerd.TestContainerd;
import io.insula.node.machine.Command;
import io.insula.node.machine.Trees;
import io.insula.node.network.NetworkSettings;
import io.insula.node.network.NodeNetwork;
import io.insula.node.network.PodNetwork;
import io.insula.node.network.Router;
import io.insula.node.pod.Labels;
import io.insula.node.pod.NodeFacts;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.ExecResult;
import io.insula.node.runtime.Patience;
import io.insula.rules.keys.InsulaKeys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// The agent with its network on Insula's own API server: pods of two tenants, which really run, look for each other.
@ExtendWith(TestContainerd.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RealNetworkTest {

    private final OwnContainerd containerd;
    private final TestCluster cluster;
    private final KubernetesClient client;
    private final Path folder;
    private final NodeNetwork network;
    private final NodeAgent agent;
    private final Thread server;
    private final ServerSocket loopback;

    RealNetworkTest(OwnContainerd containerd) throws Exception {
        this.containerd = containerd;
        folder = Files.createTempDirectory("insula-real-network");
        cluster = new TestCluster();
        client = cluster.client();
        loopback = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        server = Thread.ofVirtual().name("acme's API server").start(this::greet);
        PodNetwork pods = containerd.network();
        network = NodeNetwork.start(
                new NetworkSettings(
                        pods,
                        List.of(),
                        "cluster.local",
                        tenant -> tenant.equals("acme")
                                ? Optional.of(new InetSocketAddress(loopback.getInetAddress(), loopback.getLocalPort()))
                                : Optional.empty()),
                client);
        var facts = new NodeFacts(
                "real-net",
                "127.0.0.1",
                List.of(pods.machine()),
                "cluster.local",
                8L << 30,
                folder.resolve("logs"),
                "/insula-test/real-net");
        Map<String, Quantity> capacity =
                Map.of("cpu", new Quantity("2"), "memory", new Quantity("4Gi"), "pods", new Quantity("50"));
        agent = NodeAgent.start(
                new NodeSettings(facts, Map.of(), List.of(), capacity, pods.subnet(), folder.resolve("pods")),
                cluster.nodeClient("real-net"),
                containerd.runtime(),
                network::announce);
    }

    private void greet() {
        while (!loopback.isClosed()) {
            try (var asked = loopback.accept()) {
                asked.getOutputStream().write("acme's own\n".getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // closed
            }
        }
    }

    @BeforeAll
    void makePods() {
        for (String tenant : List.of("acme", "globex")) {
            String namespace = "insula-" + tenant;
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(namespace)
                            .addToLabels(InsulaKeys.TENANT, tenant)
                            .endMetadata()
                            .build())
                    .create();
            Patience.until(
                    "the account",
                    () -> client.serviceAccounts()
                                            .inNamespace(namespace)
                                            .withName("default")
                                            .get()
                                    != null
                            && client.configMaps()
                                            .inNamespace(namespace)
                                            .withName("kube-root-ca.crt")
                                            .get()
                                    != null);
            service(
                    namespace,
                    "web-host",
                    "shop",
                    "web",
                    "{selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}");
            service(namespace, "api-host", "default", "kubernetes", "{ports: [{name: https, port: 443}]}");
            pod(
                    namespace,
                    "web",
                    "mkdir /www && echo " + tenant + " > /www/index.html && exec httpd -f -p 8080 -h /www");
            pod(namespace, "visitor", "exec sleep 1000");
        }
    }

    private void service(String namespace, String name, String tenantNamespace, String tenantName, String spec) {
        client.resource(Serialization.unmarshal(
                        """
                        apiVersion: v1
                        kind: Service
                        metadata: {name: %s, namespace: %s, annotations: {%s: %s, %s: %s}}
                        spec: %s
                        """.formatted(
                                        name,
                                        namespace,
                                        InsulaKeys.NAMESPACE,
                                        tenantNamespace,
                                        InsulaKeys.NAME,
                                        tenantName,
                                        spec),
                        Service.class))
                .create();
    }

    private void pod(String namespace, String name, String script) {
        client.resource(Serialization.unmarshal(
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: %s, namespace: %s, labels: {app: %s}, annotations: {%s: shop}}
                        spec: {terminationGracePeriodSeconds: 0, dnsPolicy: Default,
                          containers: [{name: main, image: '%s', command: [sh, -c, '%s']}]}
                        """.formatted(name, namespace, name, InsulaKeys.NAMESPACE, TestContainerd.IMAGE, script),
                        Pod.class))
                .create();
    }

    @AfterAll
    void stop() throws Exception {
        for (String namespace : List.of("insula-acme", "insula-globex")) {
            client.pods().inNamespace(namespace).withGracePeriod(0).delete();
            Patience.until(
                    "no pods",
                    () -> client.pods().inNamespace(namespace).list().getItems().isEmpty());
        }
        agent.close();
        network.close();
        // the rules outlive us, and other tests' pods live in the same network
        Command.succeed(
                Duration.ofMinutes(1),
                List.of(
                        "nsenter",
                        "--net=" + Router.namespace(containerd.network()),
                        "nft",
                        "delete",
                        "table",
                        "ip",
                        "insula"));
        loopback.close();
        server.join();
        cluster.close();
        Trees.delete(folder);
    }

    @Test
    void showsEachTenantItsOwnPageByOneName() {
        for (String tenant : List.of("acme", "globex")) {
            for (String name : List.of("web", "web.shop", "web.shop.svc.cluster.local")) {
                assertThat(until(tenant, "wget -q -O - http://" + name)).isEqualTo(tenant + "\n");
            }
        }
    }

    @Test
    void keepsTenantsFromEachOthersPodsAndServices() {
        assertThat(until("acme", "wget -q -O - http://web")).isEqualTo("acme\n");
        String pod = Optional.ofNullable(client.pods()
                        .inNamespace("insula-globex")
                        .withName("web")
                        .get())
                .orElseThrow()
                .getStatus()
                .getPodIP();
        String service = Optional.ofNullable(client.services()
                        .inNamespace("insula-globex")
                        .withName("web-host")
                        .get())
                .orElseThrow()
                .getSpec()
                .getClusterIP();
        assertThat(once("acme", "timeout 2 wget -q -O - http://" + pod + ":8080")
                        .exitCode())
                .isNotZero();
        assertThat(once("acme", "timeout 2 wget -q -O - http://" + service).exitCode())
                .isNotZero();
    }

    @Test
    void leadsToTheTenantsOwnApiServer() {
        assertThat(until("acme", "nc -w 5 kubernetes.default.svc.cluster.local 443 </dev/null"))
                .isEqualTo("acme's own\n");
        // it has none here
        assertThat(once("globex", "timeout 2 nc -w 2 kubernetes.default.svc.cluster.local 443 </dev/null")
                        .exitCode())
                .isNotZero();
    }

    private ExecResult once(String tenant, String script) {
        String uid = Optional.ofNullable(client.pods()
                        .inNamespace("insula-" + tenant)
                        .withName("visitor")
                        .get())
                .orElseThrow()
                .getMetadata()
                .getUid();
        var container = Patience.some(
                "the visitor",
                () -> containerd.runtime().containers().stream()
                        .filter(c -> uid.equals(c.labels().get(Labels.POD_UID)) && c.state() instanceof Running)
                        .findFirst());
        return containerd.runtime().exec(container.id(), List.of("sh", "-c", script), Duration.ofMinutes(1));
    }

    /// What it says once it succeeds.
    private String until(String tenant, String script) {
        return Patience.some(
                script,
                () -> Optional.of(once(tenant, script))
                        .filter(result -> result.exitCode() == 0)
                        .map(result -> text(result)));
    }

    private static String text(ExecResult result) {
        return new String(result.stdout(), StandardCharsets.UTF_8);
    }
}
