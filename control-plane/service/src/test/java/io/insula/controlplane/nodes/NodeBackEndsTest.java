package io.insula.controlplane.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.home.Listening;
import io.insula.controlplane.home.Ports;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.Kubeconfig;
import io.insula.controlplane.process.EtcdProcess;
import io.insula.controlplane.tenant.Clusters;
import io.insula.controlplane.tenant.Clusters.ClusterPlan;
import io.insula.controlplane.tenant.Clusters.Role;
import io.insula.controlplane.tenant.OutgoingRules;
import io.insula.controlplane.tenant.Stores;
import io.insula.controlplane.tenant.Stores.StorePlan;
import io.insula.tenantapi.auth.structured.AuthenticationConfig;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node back end is one file: [MadeUpBackEnd] is named nowhere, and yet a host has its nodes.
final class NodeBackEndsTest {

    private static final long PATIENCE_MINUTES = 3;

    @TempDir
    private Path folder;

    @Test
    void givesAHostTheNodesThatOneClassAdds() throws Exception {
        var ports = new Ports(HomeState.open(new Home(folder)), Listening.loopback());
        var pki = ClusterPki.open(folder.resolve("pki"), "test", List.of(), Clock.systemUTC());
        var store = new StorePlan(
                "test",
                Files.createDirectories(folder.resolve("etcd")),
                pki,
                ports.choose("client"),
                ports.choose("peer"),
                folder.resolve("etcd.log"),
                EtcdProcess.QUOTA_BYTES);
        int port = ports.choose("api");
        try (var beans = ApplicationContext.run("made-up");
                var _ = beans.getBean(Stores.class).start(store);
                var _ = beans.getBean(Clusters.class).start(plan(beans, pki, store, port));
                var client = client(pki, port)) {
            client.resource(pod()).create();

            Pod running = client.pods()
                    .inNamespace("default")
                    .withName("web")
                    .waitUntilCondition(
                            found -> found != null
                                    && "Running".equals(found.getStatus().getPhase()),
                            PATIENCE_MINUTES,
                            TimeUnit.MINUTES);
            assertThat(running.getSpec().getNodeName()).isEqualTo("made-up-0");
            assertThat(client.nodes().list().getItems()).as("no other's").hasSize(1);
        }
    }

    @Test
    void saysWhichThereAre() {
        try (var beans = ApplicationContext.run()) {
            assertThatThrownBy(() -> beans.getBean(NodeBackEnds.class).controllers(List.of("made-up")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("nodes: \"made-up\" (expected: one of ")
                    .hasMessageContaining("simulated");
        }
    }

    @Test
    void refusesTwoOfOneName() {
        assertThatThrownBy(() -> new NodeBackEnds(List.of(new MadeUpBackEnd(), new MadeUpBackEnd())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("two node back ends are called made-up");
    }

    private ClusterPlan plan(ApplicationContext beans, ClusterPki pki, StorePlan store, int port) {
        return new ClusterPlan(
                "test",
                new Role.Host(beans.getBean(NodeBackEnds.class).controllers(List.of("made-up"))),
                folder.resolve("api"),
                pki,
                store.clientPort(),
                store.quotaBytes(),
                "127.0.0.1",
                port,
                () -> AuthenticationConfig.NONE,
                OutgoingRules.NONE,
                _ -> {});
    }

    private static KubernetesClient client(ClusterPki pki, int port) {
        var kubeconfig = new Kubeconfig(
                "test",
                "https://127.0.0.1:" + port,
                pki.authority().certificatePem(),
                "admin",
                pki.issueUser("admin", List.of(ClusterPki.MASTERS), Duration.ofDays(1)));
        return new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(kubeconfig.toYaml()))
                .build();
    }

    private static Pod pod() {
        return new PodBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .withImage("nginx")
                .endContainer()
                .endSpec()
                .build();
    }
}
