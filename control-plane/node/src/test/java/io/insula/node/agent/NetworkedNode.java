package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.machine.Command;
import io.insula.node.machine.Trees;
import io.insula.node.network.ApiServers;
import io.insula.node.network.NetworkSettings;
import io.insula.node.network.NodeNetwork;
import io.insula.node.network.PodNetwork;
import io.insula.node.network.Router;
import io.insula.node.pod.Labels;
import io.insula.node.pod.NodeFacts;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.ExecResult;
import io.insula.node.runtime.Patience;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The agent with its network on Insula's own API server, in process, with its scheduler and controllers.
final class NetworkedNode implements AutoCloseable {

    private final OwnContainerd containerd;
    private final TestCluster cluster = new TestCluster();
    private final Path folder;
    private final NodeNetwork network;
    private final NodeAgent agent;

    NetworkedNode(String name, OwnContainerd containerd, ApiServers servers) throws Exception {
        this.containerd = containerd;
        folder = Files.createTempDirectory("insula-" + name);
        PodNetwork pods = containerd.network();
        network = NodeNetwork.start(new NetworkSettings(pods, List.of(), "cluster.local", servers), cluster.client());
        var facts = new NodeFacts(
                name,
                "127.0.0.1",
                List.of(pods.machine()),
                "cluster.local",
                8L << 30,
                folder.resolve("logs"),
                "/insula-test/" + name);
        Map<String, Quantity> capacity =
                Map.of("cpu", new Quantity("2"), "memory", new Quantity("4Gi"), "pods", new Quantity("50"));
        agent = NodeAgent.start(
                new NodeSettings(facts, Map.of(), List.of(), capacity, pods.subnet(), folder.resolve("pods")),
                cluster.nodeClient(name),
                containerd.runtime(),
                network::announce);
    }

    KubernetesClient client() {
        return cluster.client();
    }

    /// The node's own address, where its pods reach it.
    String machine() {
        return containerd.network().machine();
    }

    /// With what its pods need of it.
    void namespace(String name, Map<String, String> labels) {
        client().resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .build())
                .create();
        Patience.until(
                "the account",
                () -> client().serviceAccounts()
                                        .inNamespace(name)
                                        .withName("default")
                                        .get()
                                != null
                        && client().configMaps()
                                        .inNamespace(name)
                                        .withName("kube-root-ca.crt")
                                        .get()
                                != null);
    }

    Pod get(String namespace, String pod) {
        return client().pods().inNamespace(namespace).withName(pod).require();
    }

    /// What a command in its container does, once that runs.
    ExecResult once(String namespace, String pod, String script) {
        String uid = get(namespace, pod).getMetadata().getUid();
        var container = Patience.some(
                pod,
                () -> containerd.runtime().containers().stream()
                        .filter(c -> uid.equals(c.labels().get(Labels.POD_UID)) && c.state() instanceof Running)
                        .findFirst());
        return containerd.runtime().exec(container.id(), List.of("sh", "-c", script), Duration.ofMinutes(1));
    }

    /// What it says once it succeeds.
    String until(String namespace, String pod, String script) {
        var last = new Object() {
            String said = "";
        };
        try {
            return Patience.some(script, () -> {
                ExecResult result = once(namespace, pod, script);
                last.said = new String(result.stderr(), StandardCharsets.UTF_8);
                return Optional.of(result)
                        .filter(done -> done.exitCode() == 0)
                        .map(done -> new String(done.stdout(), StandardCharsets.UTF_8));
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; it said last: " + last.said, e);
        }
    }

    /// With all pods of all namespaces.
    @Override
    public void close() throws IOException {
        client().namespaces()
                .list()
                .getItems()
                .forEach(namespace -> client().pods()
                        .inNamespace(namespace.getMetadata().getName())
                        .withGracePeriod(0)
                        .delete());
        Patience.until(
                "no pods",
                () -> client().pods().inAnyNamespace().list().getItems().isEmpty());
        agent.close();
        network.close();
        // the rules outlive us, and other tests' pods live in the same network
        Command.succeed(
                Duration.ofMinutes(1),
                List.of(
                        "nsenter",
                        "--net=" + Router.namespace(containerd.network()),
                        "nft",
                        "delete",
                        "table",
                        "ip",
                        "insula"));
        cluster.close();
        Trees.delete(folder);
    }
}
