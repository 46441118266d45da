package io.insula.controlplane.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.Kubeconfig;
import io.insula.tenantapi.auth.ServiceAccountKeys;
import io.insula.tenantapi.controllers.ClusterFacts;
import io.insula.tenantapi.controllers.ControllerExecutors;
import io.insula.tenantapi.controllers.ControllerManagers;
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
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;

/// A real API server, over TLS, on a store in memory; with controllers where asked for.
public final class TestCluster implements TestHost {

    private static final int ANSWERS_WITHIN_MILLIS = 180_000;

    private final TenantApiServer server;
    private final ClusterPki pki;
    private final String name;
    private final Config config;
    private final Deque<AutoCloseable> controllers = new ArrayDeque<>();
    private final KubernetesClient client;

    public TestCluster(
            String name, Path folder, ServerComponents components, UnaryOperator<ServerConfig.Builder> more) {
        this.name = name;
        pki = ClusterPki.open(folder, name, List.of(), Clock.systemUTC());
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
        config = config("admin", List.of(ClusterPki.MASTERS));
        client = new KubernetesClientBuilder().withConfig(config).build();
    }

    /// Starts the controllers that every cluster has.
    public TestCluster withControllers(ControllerManagers managers) {
        var work = Executors.newVirtualThreadPerTaskExecutor();
        var timer = Executors.newSingleThreadScheduledExecutor();
        controllers.push(work::shutdownNow);
        controllers.push(timer::shutdownNow);
        controllers.push(managers.start(
                server.client(),
                new ControllerExecutors(work, timer),
                Clock.systemUTC(),
                new ClusterFacts("ca"),
                server.loopMetrics(),
                List.of()));
        return this;
    }

    @Override
    public Config config(String user, List<String> groups) {
        Config made = Config.fromKubeconfig(kubeconfig(user, groups));
        // a create that is tried again on a slow machine finds what it has made itself
        made.setRequestTimeout(ANSWERS_WITHIN_MILLIS);
        return made;
    }

    String kubeconfig(String user, List<String> groups) {
        var kubeconfig = new Kubeconfig(
                name,
                "https://127.0.0.1:" + server.port(),
                pki.authority().certificatePem(),
                user,
                pki.issueUser(user, groups, Duration.ofDays(1)));
        return kubeconfig.toYaml();
    }

    public TenantApiServer server() {
        return server;
    }

    public Config config() {
        return config;
    }

    @Override
    public KubernetesClient client() {
        return client;
    }

    @Override
    public void close() {
        while (!controllers.isEmpty()) {
            try {
                controllers.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        client.close();
        server.close();
    }
}
