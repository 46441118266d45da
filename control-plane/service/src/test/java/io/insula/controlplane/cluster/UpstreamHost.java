package io.insula.controlplane.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.KeyAndCertificate;
import io.insula.controlplane.pki.Kubeconfig;
import io.insula.controlplane.pki.Pem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Upstream's kube-apiserver and kube-controller-manager over an etcd of their own, from the folder that
/// `KUBEBUILDER_ASSETS` names; etcd from there, or from the path.
public final class UpstreamHost implements TestHost {

    public static final String ASSETS = "KUBEBUILDER_ASSETS";
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final List<String> LOOPBACK = List.of("127.0.0.1");

    private final Path folder;
    private final ClusterPki pki;
    private final String endpoint;
    private final List<Process> processes = new ArrayList<>();
    private final KubernetesClient client;

    /// Returns when it answers.
    public UpstreamHost(Path folder) {
        this.folder = folder;
        this.pki = ClusterPki.open(folder, "upstream", LOOPBACK, Clock.systemUTC());
        int port = freePort();
        int etcd = freePort();
        this.endpoint = "https://127.0.0.1:" + port;
        this.client = new KubernetesClientBuilder()
                .withConfig(config("admin", List.of(ClusterPki.MASTERS)))
                .build();
        try {
            startEtcd(etcd);
            startApiServer(port, etcd);
            awaitAnswer();
            startControllers();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void startEtcd(int port) {
        var url = "http://127.0.0.1:" + port;
        var peer = "http://127.0.0.1:" + freePort();
        start(
                "etcd",
                "--data-dir=" + folder.resolve("etcd"),
                "--listen-client-urls=" + url,
                "--advertise-client-urls=" + url,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=default=" + peer,
                "--unsafe-no-fsync");
    }

    private void startApiServer(int port, int etcd) {
        var serviceAccounts = write(
                "sa.pub",
                Pem.encode("PUBLIC KEY", pki.serviceAccountKey().getPublic().getEncoded()));
        start(
                "kube-apiserver",
                "--etcd-servers=http://127.0.0.1:" + etcd,
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--secure-port=" + port,
                "--cert-dir=" + folder,
                "--tls-cert-file=" + write("server.crt", pki.server().certificatePem()),
                "--tls-private-key-file=" + write("server.key", pki.server().keyPem()),
                "--client-ca-file=" + authority(),
                "--authorization-mode=RBAC",
                "--allow-privileged=true",
                "--service-cluster-ip-range=10.96.0.0/16",
                "--endpoint-reconciler-type=none",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=" + serviceAccounts,
                "--service-account-signing-key-file=" + serviceAccountKey());
    }

    private void startControllers() {
        var kubeconfig = write("controllers.kubeconfig", kubeconfig("controllers", List.of(ClusterPki.MASTERS)));
        start(
                "kube-controller-manager",
                "--kubeconfig=" + kubeconfig,
                "--leader-elect=false",
                "--secure-port=0",
                // or kinds of new definitions are not counted for five minutes
                "--resource-quota-sync-period=5s",
                "--root-ca-file=" + authority(),
                "--service-account-private-key-file=" + serviceAccountKey());
    }

    private Path authority() {
        return write("ca.crt", pki.authority().certificatePem());
    }

    private Path serviceAccountKey() {
        return write(
                "sa.key",
                Pem.encode("PRIVATE KEY", pki.serviceAccountKey().getPrivate().getEncoded()));
    }

    private void start(String program, String... arguments) {
        var command = new ArrayList<String>();
        var given = Path.of(System.getenv(ASSETS)).resolve(program);
        command.add(Files.isExecutable(given) ? given.toString() : program);
        command.addAll(List.of(arguments));
        var log = folder.resolve(program + ".log").toFile();
        try {
            processes.add(new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(program, e);
        }
    }

    private void awaitAnswer() {
        var deadline = Instant.now().plus(PATIENCE);
        while (!isReady()) {
            if (Instant.now().isAfter(deadline) || !processes.stream().allMatch(Process::isAlive)) {
                throw new IllegalStateException("kube-apiserver does not answer; see the logs in " + folder);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
    }

    private boolean isReady() {
        try {
            return "ok".equals(client.raw("/readyz"))
                    && client.namespaces().withName("default").get() != null;
        } catch (KubernetesClientException _) {
            return false;
        }
    }

    private Path write(String name, String content) {
        try {
            return Files.writeString(folder.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String kubeconfig(String user, List<String> groups) {
        KeyAndCertificate credentials = pki.issueUser(user, groups, Duration.ofDays(1));
        return new Kubeconfig("upstream", endpoint, pki.authority().certificatePem(), user, credentials).toYaml();
    }

    @Override
    public Config config(String user, List<String> groups) {
        return Config.fromKubeconfig(kubeconfig(user, groups));
    }

    @Override
    public KubernetesClient client() {
        return client;
    }

    @Override
    public void close() {
        client.close();
        processes.reversed().forEach(Process::destroyForcibly);
        for (var process : processes.reversed()) {
            try {
                process.waitFor(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
