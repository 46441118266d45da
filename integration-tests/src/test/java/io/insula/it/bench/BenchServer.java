package io.insula.it.bench;

import io.insula.controlplane.pki.CertificateSpec;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.Kubeconfig;
import io.insula.controlplane.service.ServiceMain;
import io.insula.it.backend.Backend;
import io.insula.tenantapi.auth.ServiceAccountKeys;
import io.insula.tenantapi.http.HttpServerConfig;
import io.insula.tenantapi.http.ServerTls;
import io.insula.tenantapi.server.ServerComponents;
import io.insula.tenantapi.server.ServerConfig;
import io.insula.tenantapi.server.TenantApiServer;
import io.insula.tenantapi.storage.etcd.EtcdConfig;
import io.insula.tenantapi.storage.etcd.EtcdStorage;
import io.micronaut.context.ApplicationContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Bare tenant API servers in a JVM of their own with the service's flags, so that their memory is their own: no
/// controllers, no syncer, no Kafka. The JVM is told by lines: an etcd's `host:port` starts one more instance, which it
/// answers with the path of a kubeconfig; at the end of its input it ends.
final class BenchServer implements AutoCloseable, ServerTime {

    private static final String READY = "kubeconfig ";

    private final Process process;
    private final Writer orders;
    private final BufferedReader answers;
    private final Path log;

    private BenchServer(Process process, Path log) {
        this.process = process;
        this.log = log;
        orders = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /// A JVM without instances yet.
    static BenchServer start(Path folder) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ServiceMain.jvmArguments());
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), BenchServer.class.getName(), folder.toString()));
        Path log = folder.resolve("server.log");
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        return new BenchServer(process, log);
    }

    /// One more instance on an etcd without TLS; its kubeconfig.
    ///
    /// @throws IOException with the JVM's log when it did not start
    Path startInstance(String etcd) throws IOException {
        orders.write(etcd + "\n");
        orders.flush();
        for (String line = answers.readLine(); line != null; line = answers.readLine()) {
            if (line.startsWith(READY)) {
                return Path.of(line.substring(READY.length()));
            }
        }
        throw new IOException("the server did not start: " + Files.readString(log));
    }

    long pid() {
        return process.pid();
    }

    @Override
    public long cpuNanos() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
    }

    @Override
    public long compilerNanos() {
        return CompilerTime.nanos(process.pid());
    }

    @Override
    public void close() {
        Backend.end(process);
    }

    /// Argument: the folder for certificates and kubeconfigs.
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        var pki = ClusterPki.open(folder.resolve("pki"), "bench", List.of("127.0.0.1", "localhost"), Clock.systemUTC());
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try (var beans = ApplicationContext.run();
                var orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            var components = beans.getBean(ServerComponents.class);
            for (String etcd = orders.readLine(); etcd != null; etcd = orders.readLine()) {
                var storage = new EtcdStorage(EtcdConfig.plain(etcd));
                var config =
                        ServerConfig.builder(storage, keys(pki)).http(http(pki)).build();
                var server = new TenantApiServer(components, config);
                parts.push(server);
                server.start();
                System.out.println(READY + publish(folder, pki, server.port()));
            }
            while (!parts.isEmpty()) {
                parts.pop().close();
            }
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

    private static Path publish(Path folder, ClusterPki pki, int port) throws IOException {
        var user = pki.issueUser("bench", List.of(ClusterPki.MASTERS), CertificateSpec.LONG);
        var text = new Kubeconfig(
                        "bench", "https://127.0.0.1:" + port, pki.authority().certificatePem(), "bench", user)
                .toYaml();
        return Files.writeString(folder.resolve("kubeconfig-" + port), text);
    }
}
