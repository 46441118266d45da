package io.insula.controlplane.process;

import io.insula.controlplane.pki.ClusterPki;
import io.insula.process.ChildException;
import io.insula.process.ChildSpec;
import io.insula.tenantapi.storage.etcd.EtcdConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;

/// The etcd of one cluster: one member, TLS with client certificates on both ports, loopback only, every
/// write synced to disk (etcd's default, deliberately left alone).
public final class EtcdProcess {

    /// What one cluster may store: etcd's own default, said so that everybody counts with the same. Source: etcd
    /// operations guide, "Space quota".
    public static final long QUOTA_BYTES = 2L << 30;

    /// What the one member of a cluster is called.
    static final String MEMBER = "default";

    private static final Duration READY_WITHIN = Duration.ofMinutes(1);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(10);
    private static final int PROBE_TIMEOUT_MILLIS = 2_000;

    /// The least that etcd takes: five heartbeats of 100 ms. Fewer heartbeats would make the wait longer, as it
    /// counts in them; more would keep idle members busy.
    private static final int ELECTION_MILLIS = 500;

    private EtcdProcess() {}

    /// The etcd program: `INSULA_ETCD`, else on the `PATH`, else where Debian puts it.
    ///
    /// @throws ChildException saying what to type when there is none
    public static Path binary() {
        String chosen = System.getenv("INSULA_ETCD");
        if (chosen != null && !chosen.isEmpty()) {
            if (!isProgram(Path.of(chosen))) {
                throw new ChildException(
                        "INSULA_ETCD: " + chosen + " is not a program: name an etcd 3.4 or later, or unset it");
            }
            return Path.of(chosen);
        }
        return pathFolders()
                .map(folder -> folder.resolve("etcd"))
                .filter(EtcdProcess::isProgram)
                .findFirst()
                .orElseThrow(
                        () -> new ChildException("etcd is not installed: type `apt-get install etcd-server` (as root;"
                                + " elsewhere put an etcd 3.4 or later on the PATH or name it in INSULA_ETCD)"));
    }

    /// Where programs are looked for: what `PATH` names, and where Debian puts them.
    static Stream<Path> pathFolders() {
        Stream<String> onPath = Stream.of(
                        System.getenv().getOrDefault("PATH", "").split(":", -1))
                .filter(folder -> !folder.isEmpty());
        return Stream.concat(onPath, Stream.of("/usr/bin")).map(Path::of);
    }

    static boolean isProgram(Path path) {
        return Files.isRegularFile(path) && Files.isExecutable(path);
    }

    /// How an API server reaches the one that listens at a port.
    public static EtcdConfig access(ClusterPki pki, int clientPort) {
        return EtcdConfig.tls(
                List.of("127.0.0.1:" + clientPort),
                new EtcdConfig.HeldTls(
                        pki.etcdAuthority().own().certificate(),
                        pki.etcdClient().certificate(),
                        pki.etcdClient().key()));
    }

    /// Its keys can be read from now on, until `pki` hides them.
    ///
    /// @param cluster for people: `acme`
    /// @param folder holds `data`; its path is what tells this process from all others
    /// @param quotaBytes what it may store: a multiple of the page size
    public static ChildSpec spec(
            String cluster, Path folder, ClusterPki pki, int clientPort, int peerPort, Path log, long quotaBytes) {
        String client = "https://127.0.0.1:" + clientPort;
        String peer = "https://127.0.0.1:" + peerPort;
        String marker = marker(folder);
        ClusterPki.EtcdKeyFiles keys = pki.showEtcdKeys();
        List<String> command = List.of(
                binary().toString(),
                "--name=" + MEMBER,
                marker,
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=" + MEMBER + "=" + peer,
                "--cert-file=" + pki.certificateFile("etcd-server"),
                "--key-file=" + keys.server(),
                "--trusted-ca-file=" + pki.certificateFile("etcd-ca"),
                "--client-cert-auth=true",
                "--peer-cert-file=" + pki.certificateFile("etcd-peer"),
                "--peer-key-file=" + keys.peer(),
                "--peer-trusted-ca-file=" + pki.certificateFile("etcd-ca"),
                "--peer-client-cert-auth=true",
                // nobody else can lead: this is what a single member waits before it does
                "--election-timeout=" + ELECTION_MILLIS,
                "--quota-backend-bytes=" + quotaBytes,
                "--logger=zap",
                "--log-level=warn");
        // One factory, as connections are kept by it.
        SSLSocketFactory tls = pki.etcdTls().getSocketFactory();
        return new ChildSpec(
                "etcd " + cluster,
                command,
                marker,
                folder,
                log,
                () -> isHealthy(clientPort, tls),
                READY_WITHIN,
                STOP_WITHIN);
    }

    /// The argument that all etcd processes of a folder have.
    public static String marker(Path folder) {
        return "--data-dir=" + folder.resolve("data").toAbsolutePath();
    }

    /// An etcd that is out of space serves: it must be let live, or nothing could ever be deleted.
    /// Source: etcd operations guide, "Health Check": `/health` runs a linearizable read.
    /// It is asked every few seconds, over one connection that is kept: a new one costs many times the question.
    static boolean isHealthy(int clientPort, SSLSocketFactory tls) throws IOException {
        var connection = (HttpsURLConnection) URI.create("https://127.0.0.1:" + clientPort + "/health?exclude=NOSPACE")
                .toURL()
                .openConnection();
        connection.setSSLSocketFactory(tls);
        connection.setConnectTimeout(PROBE_TIMEOUT_MILLIS);
        connection.setReadTimeout(PROBE_TIMEOUT_MILLIS);
        try (InputStream body = connection.getInputStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8).contains("true");
        } catch (IOException e) {
            connection.disconnect();
            throw e;
        }
    }
}
