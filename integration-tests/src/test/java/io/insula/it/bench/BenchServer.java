package io.insula.it.bench;

import io.insula.controlplane.pki.CertificateSpec;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.Kubeconfig;
import io.insula.it.backend.Backend;
import io.insula.tenantapi.auth.ServiceAccountKeys;
import io.insula.tenantapi.http.HttpServerConfig;
import io.insula.tenantapi.http.ServerTls;
import io.insula.tenantapi.server.ServerComponents;
import io.insula.tenantapi.server.ServerConfig;
import io.insula.tenantapi.server.TenantApiServer;
import io.insula.tenantapi.storage.cache.SharedWatchConfig;
import io.insula.tenantapi.storage.cache.SharedWatchStorage;
import io.insula.tenantapi.storage.etcd.EtcdConfig;
import io.insula.tenantapi.storage.etcd.EtcdStorage;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A bare tenant API server in a JVM of its own, so that its memory is its own: no controllers, no syncer, no Kafka.
final class BenchServer implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Process process;
    private final Path kubeconfig;

    private BenchServer(Process process, Path kubeconfig) {
        this.process = process;
        this.kubeconfig = kubeconfig;
    }

    /// Starts it on an etcd without TLS and waits until its kubeconfig is written.
    static BenchServer start(Path folder, String etcd) throws IOException {
        Path kubeconfig = folder.resolve("kubeconfig");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx2g",
                        "-XX:+UseSerialGC",
                        "-XX:+UseCompactObjectHeaders",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BenchServer.class.getName(),
                        folder.toString(),
                        etcd)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("server.log").toFile())
                .start();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.exists(kubeconfig)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                process.destroyForcibly();
                throw new IOException("the server did not start: " + Files.readString(folder.resolve("server.log")));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
        return new BenchServer(process, kubeconfig);
    }

    Path kubeconfig() {
        return kubeconfig;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        Backend.end(process);
    }

    /// Arguments: the folder for certificates and kubeconfig, etcd's `host:port`.
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        var pki = ClusterPki.open(folder.resolve("pki"), "bench", List.of("127.0.0.1", "localhost"), Clock.systemUTC());
        try (var beans = ApplicationContext.run();
                var etcd = new EtcdStorage(EtcdConfig.plain(arguments[1]));
                var storage = new SharedWatchStorage(etcd, SharedWatchConfig.usual());
                var server = new TenantApiServer(
                        beans.getBean(ServerComponents.class),
                        ServerConfig.builder(storage, keys(pki)).http(http(pki)).build())) {
            server.start();
            publish(folder, pki, server.port());
            Thread.currentThread().join();
        }
    }

    private static ServiceAccountKeys keys(ClusterPki pki) {
        return new ServiceAccountKeys(
                (ECPrivateKey) pki.serviceAccountKey().getPrivate(),
                (ECPublicKey) pki.serviceAccountKey().getPublic(),
                List.of());
    }

    private static HttpServerConfig http(ClusterPki pki) {
        var authorities = List.of(pki.authority().own().certificate());
        return HttpServerConfig.loopback(
                new ServerTls(List.of(pki.server().certificate()), pki.server().key(), authorities));
    }

    private static void publish(Path folder, ClusterPki pki, int port) throws IOException {
        var user = pki.issueUser("bench", List.of(ClusterPki.MASTERS), CertificateSpec.LONG);
        var text = new Kubeconfig(
                        "bench", "https://127.0.0.1:" + port, pki.authority().certificatePem(), "bench", user)
                .toYaml();
        Path fresh = Files.writeString(folder.resolve("kubeconfig.new"), text);
        Files.move(fresh, folder.resolve("kubeconfig"), StandardCopyOption.ATOMIC_MOVE);
    }
}
