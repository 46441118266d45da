package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.containerd.TestContainerd;
import io.insula.node.runtime.ExecResult;
import io.insula.rules.keys.InsulaKeys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
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

    private final ServerSocket loopback = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Thread server;
    private final NetworkedNode node;

    RealNetworkTest(OwnContainerd containerd) throws Exception {
        server = Thread.ofVirtual().name("acme's API server").start(this::greet);
        node = new NetworkedNode(
                "real-net",
                containerd,
                tenant -> tenant.equals("acme")
                        ? Optional.of(new InetSocketAddress(loopback.getInetAddress(), loopback.getLocalPort()))
                        : Optional.empty());
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
            node.namespace(namespace, Map.of(InsulaKeys.TENANT, tenant));
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
        node.client()
                .resource(Serialization.unmarshal(
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
        node.client()
                .resource(Serialization.unmarshal(
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
        node.close();
        loopback.close();
        server.join();
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
        String pod = node.get("insula-globex", "web").getStatus().getPodIP();
        String service = node.client()
                .services()
                .inNamespace("insula-globex")
                .withName("web-host")
                .require()
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
        return node.once("insula-" + tenant, "visitor", script);
    }

    /// What it says once it succeeds.
    private String until(String tenant, String script) {
        return node.until("insula-" + tenant, "visitor", script);
    }
}
