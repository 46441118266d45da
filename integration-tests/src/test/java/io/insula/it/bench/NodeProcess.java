package io.insula.it.bench;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.controlplane.pki.CertificateSpec;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.KeyAndCertificate;
import io.insula.controlplane.pki.Kubeconfig;
import io.insula.controlplane.service.ServiceMain;
import io.insula.it.backend.Backend;
import io.insula.node.client.NodeClients;
import io.insula.node.local.LocalNode;
import io.insula.tenantapi.http.ServerTls;
import io.insula.tenantapi.rbac.NodeAuthorizer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// This machine as a node of a [BenchServer]'s instance, in a JVM of its own with the service's flags, so that its time
/// and memory are its own. It ends with all its pods at the end of its input.
final class NodeProcess implements AutoCloseable {

    static final String NAME = "bench-node";

    private static final String READY = "the node is ready";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Process process;
    private final Path home;

    private NodeProcess(Process process, Path home) {
        this.process = process;
        this.home = home;
    }

    /// @param folder of the [BenchServer], whose authority issues the node's certificates
    /// @throws IOException with the JVM's log when it did not start
    static NodeProcess start(Path folder, Path kubeconfig) throws IOException {
        Path home = folder.resolve("node");
        Path log = folder.resolve("node.log");
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ServiceMain.jvmArguments());
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                NodeProcess.class.getName(),
                folder.toString(),
                kubeconfig.toString(),
                home.toString()));
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        var answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = answers.readLine(); line != null; line = answers.readLine()) {
            if (line.equals(READY)) {
                drain(answers);
                return new NodeProcess(process, home);
            }
        }
        throw new IOException("the node did not start: " + Files.readString(log));
    }

    /// What it logs meanwhile is nobody's.
    private static void drain(BufferedReader answers) {
        Thread.ofVirtual().name("bench-node-output").start(() -> {
            try {
                while (answers.readLine() != null) {}
            } catch (IOException e) {
                // it has ended
            }
        });
    }

    long pid() {
        return process.pid();
    }

    /// The node's own folder.
    Path home() {
        return home;
    }

    ContainerdTime containerd() throws IOException {
        return ContainerdTime.below(process.toHandle());
    }

    /// Asks it to end, with its pods.
    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(PATIENCE)) {
                Backend.end(process);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        LocalNode.clear(home);
    }

    /// Arguments: the folder of certificates, a kubeconfig, the node's own folder.
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        var pki = ClusterPki.open(folder.resolve("pki"), "bench", List.of("127.0.0.1", "localhost"), Clock.systemUTC());
        Config admin = Config.fromKubeconfig(Files.readString(Path.of(arguments[1])));
        try (KubernetesClient asAdmin =
                        new KubernetesClientBuilder().withConfig(admin).build();
                KubernetesClient asNode = new KubernetesClientBuilder()
                        .withConfig(NodeClients.impatient(Config.fromKubeconfig(kubeconfig(pki, admin.getMasterUrl()))))
                        .build();
                LocalNode node = LocalNode.start(
                        Path.of(arguments[2]),
                        _ -> new LocalNode.Plan(NAME, Map.of(), List.of()),
                        asNode,
                        new LocalNode.Cluster(asAdmin, _ -> Optional.empty(), address -> serving(pki, address)))) {
            System.err.println(node.description());
            System.out.println(READY);
            while (System.in.read() >= 0) {}
        }
    }

    private static String kubeconfig(ClusterPki pki, String server) {
        var user = pki.issueUser("system:node:" + NAME, List.of(NodeAuthorizer.GROUP), CertificateSpec.LONG);
        return new Kubeconfig("bench", server, pki.authority().certificatePem(), NAME, user).toYaml();
    }

    private static ServerTls serving(ClusterPki pki, String address) {
        KeyAndCertificate own = pki.issueNode(NAME, List.of(address));
        return new ServerTls(
                List.of(own.certificate()),
                own.key(),
                List.of(pki.authority().own().certificate()));
    }
}
