package io.insula.controlplane.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.Kubeconfig;
import io.insula.tenantapi.auth.ServiceAccountKeys;
import io.insula.tenantapi.http.HttpServerConfig;
import io.insula.tenantapi.http.ServerTls;
import io.insula.tenantapi.server.ServerComponents;
import io.insula.tenantapi.server.ServerConfig;
import io.insula.tenantapi.server.TenantApiServer;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/// A real API server without controllers, over TLS, on a store in memory.
final class TestCluster implements AutoCloseable {

    private final TenantApiServer server;
    private final Config config;
    private final KubernetesClient client;

    TestCluster(String name, Path folder, ServerComponents components, UnaryOperator<ServerConfig.Builder> more) {
        var pki = ClusterPki.open(folder, name, List.of(), Clock.systemUTC());
        var keys = new ServiceAccountKeys(
                (ECPrivateKey) pki.serviceAccountKey().getPrivate(),
                (ECPublicKey) pki.serviceAccountKey().getPublic(),
                List.of());
        var authority = pki.authority();
        var tls = new ServerTls(
                List.of(pki.server().certificate()),
                pki.server().key(),
                List.of(authority.own().certificate()));
        var builder = ServerConfig.builder(new InMemoryStorage(), keys).http(HttpServerConfig.loopback(tls));
        server = new TenantApiServer(components, more.apply(builder).build());
        server.start();
        var kubeconfig = new Kubeconfig(
                name,
                "https://127.0.0.1:" + server.port(),
                authority.certificatePem(),
                "admin",
                pki.issueUser("admin", List.of(ClusterPki.MASTERS), Duration.ofDays(1)));
        config = Config.fromKubeconfig(kubeconfig.toYaml());
        client = new KubernetesClientBuilder().withConfig(config).build();
    }

    TenantApiServer server() {
        return server;
    }

    Config config() {
        return config;
    }

    KubernetesClient client() {
        return client;
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
