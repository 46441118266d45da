package io.insula.it;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.cluster.HostMetrics;
import io.insula.controlplane.cluster.HostStreams;
import io.insula.host.nodes.NodeMetrics;
import io.insula.host.nodes.NodeStreams;
import io.insula.host.simulation.SimulatedLogs;
import io.insula.node.agent.NodeAgent;
import io.insula.node.agent.NodeSettings;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.containerd.TestContainerd;
import io.insula.node.machine.Trees;
import io.insula.node.pod.NodeFacts;
import io.insula.node.runtime.Patience;
import io.insula.node.server.NodeServing;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.TenantId;
import io.insula.tenantapi.server.LocalServer;
import io.insula.tenantapi.server.ServerComponents;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.insula.tenantapi.usage.MetricsKinds;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;

/// A host with one node that really runs pods, and a tenant's API server before it. The syncer's part is done by hand:
/// a tenant's pod is made together with the host pod that runs for it.
final class StreamsClusters implements AutoCloseable {

    static final String NAMESPACE = "default";

    private static final NameMap NAMES = new NameMap(new TenantId("acme"));
    private static final String NODE = "streams-0";
    private static final String STRANGERS = "insula-globex";

    private final ApplicationContext beans = ApplicationContext.run();
    private final Path folder;
    private final LocalServer host;
    private final LocalServer acme;
    private final KubernetesClient hostClient;
    private final KubernetesClient acmeClient;
    private final NodeAgent agent;
    private final List<ObjectNode> audited = new CopyOnWriteArrayList<>();

    StreamsClusters(OwnContainerd containerd) throws Exception {
        folder = Files.createTempDirectory("insula-streams");
        var components = beans.getBean(ServerComponents.class);
        var hostRef = new AtomicReference<LocalServer>();
        var identity = new AtomicReference<SSLContext>();
        host = new LocalServer(
                components,
                new InMemoryStorage(),
                0,
                config -> config.passThrough(new NodeStreams(
                                () -> got(hostRef).server().client(),
                                () -> Objects.requireNonNull(identity.get()),
                                new SimulatedLogs(() -> got(hostRef).server().client())))
                        .kinds(MetricsKinds.of(new NodeMetrics(
                                () -> got(hostRef).server().client(),
                                () -> Objects.requireNonNull(identity.get()),
                                InstantSource.system()))));
        hostRef.set(host);
        identity.set(host.pki().clientContext(host.pki().client("O=system:masters,CN=kube-apiserver-kubelet-client")));
        hostClient = client("host", host);
        var acmeRef = new AtomicReference<LocalServer>();
        acme = new LocalServer(
                components,
                new InMemoryStorage(),
                0,
                config -> config.auditSink(event -> audited.add(event.deepCopy()))
                        .passThrough(new HostStreams(
                                NAMES, hostClient, () -> got(acmeRef).server().client()))
                        .kinds(MetricsKinds.of(new HostMetrics(
                                NAMES, hostClient, () -> got(acmeRef).server().client()))));
        acmeRef.set(acme);
        acmeClient = client("acme", acme);
        hostClient
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMES.tenant().hostNamespace())
                        .endMetadata()
                        .build())
                .create();
        account(hostClient, NAMES.tenant().hostNamespace());
        account(acmeClient, NAMESPACE);
        agent = startAgent(containerd);
    }

    private NodeAgent startAgent(OwnContainerd containerd) throws Exception {
        var facts = new NodeFacts(
                NODE,
                "127.0.0.1",
                List.of(),
                "cluster.local",
                8L << 30,
                folder.resolve("logs"),
                "/insula-test/streams-0");
        Map<String, Quantity> capacity =
                Map.of("cpu", new Quantity("2"), "memory", new Quantity("4Gi"), "pods", new Quantity("50"));
        return NodeAgent.start(
                new NodeSettings(facts, Map.of(), List.of(), capacity, "", folder.resolve("pods"))
                        .serving(new NodeServing("127.0.0.1", 0, host.pki().serverTls())),
                hostClient,
                containerd.runtime());
    }

    LocalServer host() {
        return host;
    }

    LocalServer acme() {
        return acme;
    }

    KubernetesClient acmeClient() {
        return acmeClient;
    }

    KubernetesClient hostClient() {
        return hostClient;
    }

    /// What the tenant's trail holds.
    List<ObjectNode> audited() {
        return audited;
    }

    /// An administrator's.
    Path kubeconfig(String cluster) {
        return folder.resolve(cluster + ".kubeconfig");
    }

    String hostNamespace() {
        return NAMES.tenant().hostNamespace();
    }

    String hostName(String pod) {
        return NAMES.hostName("Pod", NAMESPACE, pod);
    }

    /// Runs a pod of another tenant's on the same node.
    void runStranger(String name) {
        hostClient
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(STRANGERS)
                        .endMetadata()
                        .build())
                .create();
        account(hostClient, STRANGERS);
        Pod wanted = pod(
                name,
                "{containers: [{name: main, image: IMAGE, command: [sh, -c, 'while :; do :; done'],"
                        + " resources: {limits: {cpu: 200m}}}]}");
        wanted.getMetadata().setNamespace(STRANGERS);
        hostClient.resource(wanted).create();
        Patience.until(
                "the stranger runs",
                () -> "Running"
                        .equals(hostClient
                                .pods()
                                .inNamespace(STRANGERS)
                                .withName(name)
                                .get()
                                .getStatus()
                                .getPhase()));
    }

    /// The node as the syncer shows it to the tenant.
    void showNode() {
        acmeClient
                .resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(NODE)
                        .endMetadata()
                        .build())
                .create();
        acmeClient
                .nodes()
                .withName(NODE)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\":{\"allocatable\":{\"cpu\":\"2\",\"memory\":\"4Gi\"},"
                                + "\"capacity\":{\"cpu\":\"2\",\"memory\":\"4Gi\"}}}");
    }

    /// Makes a pod of the tenant's and its host pod, and waits until it runs.
    ///
    /// @param spec YAML in one line, with IMAGE for the image
    void run(String name, String spec) {
        make(name, spec);
        Patience.until("pod " + name + " runs", () -> {
            Pod now = hostClient
                    .pods()
                    .inNamespace(hostNamespace())
                    .withName(hostName(name))
                    .get();
            return now.getStatus().getContainerStatuses().stream()
                    .anyMatch(c ->
                            c.getState().getRunning() != null || c.getState().getTerminated() != null);
        });
        // what the syncer tells the tenant
        acmeClient
                .pods()
                .inNamespace(NAMESPACE)
                .withName(name)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"phase\":\"Running\"}}");
    }

    private static Pod pod(String name, String spec) {
        Pod wanted =
                Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, namespace: default}
                spec: %s
                """.formatted(name, spec.replace("IMAGE", TestContainerd.IMAGE)), Pod.class);
        wanted.getSpec().setNodeName(NODE);
        wanted.getSpec().setAutomountServiceAccountToken(false);
        wanted.getSpec().setTerminationGracePeriodSeconds(0L);
        return wanted;
    }

    private void make(String name, String spec) {
        Pod wanted = pod(name, spec);
        Pod tenant = acmeClient.resource(wanted).create();
        hostClient
                .resource(new PodBuilder(wanted)
                        .withMetadata(NAMES.hostMeta("Pod", tenant))
                        .build())
                .create();
    }

    private KubernetesClient client(String name, LocalServer server) throws IOException {
        server.writeKubeconfig(kubeconfig(name));
        Config config = Config.fromKubeconfig(Files.readString(kubeconfig(name)));
        config.setClientKeyAlgo("EC");
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private static void account(KubernetesClient client, String namespace) {
        client.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("default")
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .create();
    }

    private static LocalServer got(AtomicReference<LocalServer> server) {
        return Objects.requireNonNull(server.get());
    }

    /// Not by JUnit, which would go through mounts.
    @Override
    public void close() {
        hostClient.pods().inNamespace(hostNamespace()).withGracePeriod(0).delete();
        hostClient.pods().inNamespace(STRANGERS).withGracePeriod(0).delete();
        Patience.until(
                "no pods",
                () -> hostClient.pods().inAnyNamespace().list().getItems().isEmpty());
        Patience.until("nothing left of pods", () -> isEmpty(folder.resolve("pods")));
        agent.close();
        acmeClient.close();
        hostClient.close();
        acme.close();
        host.close();
        beans.close();
        try {
            Trees.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isEmpty(Path folder) {
        if (!Files.exists(folder)) {
            return true;
        }
        try (var files = Files.list(folder)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
