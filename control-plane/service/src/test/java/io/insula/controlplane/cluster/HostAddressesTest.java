package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import io.insula.syncer.engine.HostRanges;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.TenantId;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What a tenant's API server is told of the host's addresses; and a tenant that claims others' for its own.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostAddressesTest {

    private static final GroupVersionResource PODS = new GroupVersionResource("", "v1", "pods");
    private static final NameMap ACME = new NameMap(new TenantId("acme"));
    private static final NameMap OTHER = new NameMap(new TenantId("other"));

    private final ApplicationContext beans = ApplicationContext.run();
    private TestCluster host;

    @BeforeAll
    void start(@TempDir Path folder) {
        host = new TestCluster("host", folder, beans.getBean(ServerComponents.class), builder -> builder);
        for (NameMap names : List.of(ACME, OTHER)) {
            String namespace = names.tenant().hostNamespace();
            host.client()
                    .resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(namespace)
                            .endMetadata()
                            .build())
                    .create();
            host.client()
                    .resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withName("default")
                            .withNamespace(namespace)
                            .endMetadata()
                            .build())
                    .create();
        }
    }

    @AfterAll
    void stop() {
        host.close();
        beans.close();
    }

    @Test
    void aPodRunsWhereTheHostSaysSo() {
        hostPod(ACME, "web", "u-1", "Running", "10.244.0.7", false);
        hostPod(OTHER, "web", "u-9", "Running", "10.244.0.9", false);
        hostPod(ACME, "done", "u-2", "Succeeded", "10.244.0.8", false);
        hostPod(ACME, "node", "u-3", "Running", "10.1.0.1", true);
        var pods = new HostPods(ACME, host.client());

        assertThat(pods.run(tenantPod("web", "u-1"), ip("10.244.0.7"))).isTrue();
        // what the tenant's own API says of the address does not matter
        assertThat(pods.run(tenantPod("web", "u-1"), ip("10.244.0.9"))).isFalse();
        assertThat(pods.run(tenantPod("web", "u-1"), ip("127.0.0.1"))).isFalse();
        assertThat(pods.run(tenantPod("web", "u-8"), ip("10.244.0.7"))).isFalse();
        assertThat(pods.run(tenantPod("web", "u-9"), ip("10.244.0.9"))).isFalse();
        assertThat(pods.run(tenantPod("done", "u-2"), ip("10.244.0.8"))).isFalse();
        assertThat(pods.run(tenantPod("node", "u-3"), ip("10.1.0.1"))).isFalse();
        assertThat(pods.run(tenantPod("gone", "u-4"), ip("10.244.0.7"))).isFalse();
    }

    @Test
    void theHostsOwnAddressesAreItsNodesItsServicesAndWhatItsOperatorSays() {
        var now = new AtomicLong();
        var blocks = new HostBlocks(
                host.client(), HostRanges.of(List.of("10.77.0.0/16"), List.of(), List.of("10.78.0.1/32")), now::get);

        assertThat(blocks.get())
                .contains(
                        AddressBlock.of("10.77.0.0/16"),
                        AddressBlock.of("10.78.0.1/32"),
                        AddressBlock.of("10.96.0.0/12"));

        host.client()
                .resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName("n-1")
                        .endMetadata()
                        .withNewSpec()
                        .withPodCIDR("10.200.3.0/24")
                        .withPodCIDRs("10.200.3.0/24")
                        .endSpec()
                        .build())
                .create();
        assertThat(blocks.get()).doesNotContain(AddressBlock.of("10.200.3.0/24"));
        now.addAndGet(HostBlocks.OLD.toNanos());
        assertThat(blocks.get()).contains(AddressBlock.of("10.200.3.0/24"));
    }

    @Test
    void beforeTheHostHasAnsweredEveryAddressIsItsOwn() {
        var nobody = new ConfigBuilder()
                .withMasterUrl("https://127.0.0.1:1")
                .withRequestRetryBackoffLimit(0)
                .build();
        try (var client = new KubernetesClientBuilder().withConfig(nobody).build()) {
            assertThat(new HostBlocks(client, HostRanges.NONE, System::nanoTime).get())
                    .containsExactly(AddressBlock.of("0.0.0.0/0"), AddressBlock.of("::/0"));
        }
    }

    private static ObjectNode tenantPod(String name, String uid) {
        ObjectNode pod = Json.object();
        pod.putObject("metadata").put("namespace", "default").put("name", name).put("uid", uid);
        return pod;
    }

    private void hostPod(NameMap names, String name, String uid, String phase, String address, boolean onNode) {
        Pod tenants = new PodBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .withUid(uid)
                .endMetadata()
                .build();
        Pod made = host.client()
                .resource(new PodBuilder()
                        .withMetadata(names.hostMeta("Pod", tenants))
                        .withNewSpec()
                        .withHostNetwork(onNode)
                        .addNewContainer()
                        .withName("c")
                        .withImage("i")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        host.server()
                .client()
                .mergePatch(
                        PODS,
                        made.getMetadata().getNamespace(),
                        made.getMetadata().getName(),
                        "status",
                        Json.parse(
                                "{\"status\": {\"phase\": \"%s\", \"podIP\": \"%s\", \"podIPs\": [{\"ip\": \"%s\"}]}}"
                                        .formatted(phase, address, address)
                                        .getBytes(StandardCharsets.UTF_8)));
    }

    private static IpAddress ip(String text) {
        return IpAddress.parse(text).orElseThrow();
    }
}
