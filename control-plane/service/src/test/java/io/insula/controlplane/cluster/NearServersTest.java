package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.Kubeconfig;
import io.insula.syncer.engine.Connections;
import io.insula.syncer.engine.Shortcut;
import io.insula.tenantapi.http.HttpServer;
import io.insula.tenantapi.http.HttpServerConfig;
import io.insula.tenantapi.http.ServerTls;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A client is told the same whichever way it takes, and the shorter one lets nobody in that the network would not.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NearServersTest {

    /// The syncer's and the control plane's clients take either.
    enum Ways {
        NETWORK,
        NEAR
    }

    private final ApplicationContext beans = ApplicationContext.run();
    private final NearServers near = new NearServers();
    private ClusterPki pki;
    private ClusterPki stranger;
    private TestCluster cluster;
    private HttpServer http;

    @BeforeAll
    void start(@TempDir Path folder) {
        pki = ClusterPki.open(folder.resolve("own"), "acme", List.of(), Clock.systemUTC());
        stranger = ClusterPki.open(folder.resolve("stranger"), "acme", List.of(), Clock.systemUTC());
        cluster = new TestCluster(
                "acme", folder.resolve("cluster"), beans.getBean(ServerComponents.class), builder -> builder);
        var tls = new ServerTls(
                List.of(pki.server().certificate()),
                pki.server().key(),
                List.of(pki.authority().own().certificate()));
        http = HttpServer.startAlone(
                HttpServerConfig.loopback(tls), cluster.server().handler());
        var _ = near.add("127.0.0.1", http);
    }

    @AfterAll
    void stop() {
        http.close();
        cluster.close();
        beans.close();
    }

    @ParameterizedTest
    @EnumSource
    void writesReadsAndIsRefusedAlike(Ways way) {
        String name = "kept-" + way.name().toLowerCase(java.util.Locale.ROOT);
        try (KubernetesClient client = client(way, pki, ClusterPki.MASTERS)) {
            var maps = client.configMaps().inNamespace("default");
            client.resource(map(name)).create();
            assertThatThrownBy(() -> client.resource(map(name)).create())
                    .isInstanceOfSatisfying(KubernetesClientException.class, e -> {
                        assertThat(e.getCode()).isEqualTo(409);
                        assertThat(e.getStatus().getReason()).isEqualTo("AlreadyExists");
                    });
            maps.withName(name)
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\":{\"a\":\"" + "ü".repeat(100_000) + "\"}}");
            assertThat(maps.withName(name).get().getData()).containsEntry("a", "ü".repeat(100_000));
            assertThat(maps.withName("nobody").get()).isNull();
            assertThat(client.raw("/api/v1/namespaces/default/configmaps?labelSelector=a%20in%20(b)&limit=5"))
                    .contains("\"ConfigMapList\"");
            assertThatThrownBy(() -> client.resource(map("Not A Name")).create())
                    .isInstanceOfSatisfying(
                            KubernetesClientException.class,
                            e -> assertThat(e.getCode()).isEqualTo(422));
            maps.withName(name).delete();
            assertThat(maps.withName(name).get()).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void watchesOnThroughTheEndOfStreams(Ways way) throws Exception {
        try (KubernetesClient client = client(way, pki, ClusterPki.MASTERS);
                var informer = client.configMaps().inNamespace("kube-system").inform()) {
            BlockingQueue<String> seen = new LinkedBlockingQueue<>();
            informer.addEventHandler(new Seen(seen));
            for (int i = 0; i < 3; i++) {
                String name = way.name().toLowerCase(java.util.Locale.ROOT) + "-" + i;
                cluster.client().resource(map(name, "kube-system")).create();
                awaitSeen(seen, name);
                http.endStreams();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void letsNobodyInWhoHasNoRightOrNoName(Ways way) {
        try (KubernetesClient bob = client(way, pki, "nobodies");
                KubernetesClient mallory = client(way, stranger, pki, ClusterPki.MASTERS)) {
            refused(bob, 403);
            refused(mallory, 401);
        }
    }

    /// Its client does not believe the server's certificate: over the network it would end there.
    @Test
    void goesOverNoNetworkWhileTheServerIsHere() {
        Config distrustful = config(pki, stranger, ClusterPki.MASTERS);
        try (KubernetesClient client = Connections.open(distrustful, near)) {
            assertThat(client.namespaces().withName("default").get()).isNotNull();
        }
        try (KubernetesClient client = Connections.open(distrustful, Shortcut.NONE)) {
            assertThatThrownBy(() -> client.namespaces().withName("default").get())
                    .hasRootCauseInstanceOf(java.security.GeneralSecurityException.class);
        }
        Runnable leave = near.add("127.0.0.1", http);
        leave.run();
        try (KubernetesClient client = Connections.open(distrustful, near)) {
            assertThatThrownBy(() -> client.namespaces().withName("default").get())
                    .as("it is gone from here")
                    .isInstanceOf(KubernetesClientException.class);
        } finally {
            var _ = near.add("127.0.0.1", http);
        }
    }

    private static void refused(KubernetesClient client, int code) {
        assertThatThrownBy(() -> client.secrets().inNamespace("kube-system").list())
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(code));
    }

    private static void awaitSeen(BlockingQueue<String> seen, String name) throws InterruptedException {
        String next = "";
        while (!name.equals(next)) {
            next = seen.poll(2, TimeUnit.MINUTES);
            assertThat(next).as("before " + name).isNotNull();
        }
    }

    private KubernetesClient client(Ways way, ClusterPki issuer, String group) {
        return client(way, issuer, pki, group);
    }

    private KubernetesClient client(Ways way, ClusterPki issuer, ClusterPki believed, String group) {
        return Connections.open(config(issuer, believed, group), way == Ways.NEAR ? near : Shortcut.NONE);
    }

    private Config config(ClusterPki issuer, ClusterPki believed, String group) {
        var kubeconfig = new Kubeconfig(
                "acme",
                "https://127.0.0.1:" + http.port(),
                believed.authority().certificatePem(),
                "alice",
                issuer.issueUser("alice", List.of(group), Duration.ofDays(1)));
        Config config = Connections.near(Config.fromKubeconfig(kubeconfig.toYaml()));
        config.setRequestRetryBackoffLimit(0);
        return config;
    }

    private static ConfigMap map(String name) {
        return map(name, "default");
    }

    private static ConfigMap map(String name, String namespace) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .withData(Map.of("a", "b"))
                .build();
    }

    private record Seen(BlockingQueue<String> names)
            implements io.fabric8.kubernetes.client.informers.ResourceEventHandler<ConfigMap> {
        @Override
        public void onAdd(ConfigMap map) {
            names.add(map.getMetadata().getName());
        }

        @Override
        public void onUpdate(ConfigMap before, ConfigMap now) {}

        @Override
        public void onDelete(ConfigMap map, boolean unknown) {}
    }
}
