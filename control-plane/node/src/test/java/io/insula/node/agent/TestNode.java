package io.insula.node.agent;

import static java.util.stream.Collectors.toMap;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.containerd.Handlers;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.containerd.TestContainerd;
import io.insula.node.machine.Cgroups;
import io.insula.node.machine.Trees;
import io.insula.node.pod.Labels;
import io.insula.node.pod.NodeFacts;
import io.insula.node.runtime.Container;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// The agent on Insula's own API server, in process, with its scheduler and controllers, and what tests of its pods
/// say all the time. One namespace.
final class TestNode implements AutoCloseable {

    static final String NAMESPACE = "shop";
    static final Map<String, Quantity> CAPACITY =
            Map.of("cpu", new Quantity("2"), "memory", new Quantity("4Gi"), "pods", new Quantity("50"));

    private final String name;
    private final OwnContainerd containerd;
    private final TestCluster cluster;
    private final Path folder;
    private final NodeAgent agent;

    /// @param settings what is to be else of the node
    TestNode(String name, OwnContainerd containerd, UnaryOperator<NodeSettings> settings) throws Exception {
        this.name = name;
        this.containerd = containerd;
        folder = Files.createTempDirectory("insula-" + name);
        cluster = new TestCluster();
        prepare();
        var facts = new NodeFacts(
                name, "127.0.0.1", List.of(), "cluster.local", 8L << 30, folder.resolve("logs"), cgroup());
        agent = NodeAgent.start(
                settings.apply(new NodeSettings(facts, Map.of(), List.of(), CAPACITY, "", folder.resolve("pods"))),
                cluster.nodeClient(name),
                containerd.runtime());
    }

    private void prepare() {
        client().resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        client().resource(new RuntimeClassBuilder()
                        .withNewMetadata()
                        .withName("gvisor")
                        .endMetadata()
                        .withHandler(Handlers.RUNSC)
                        .build())
                .create();
        Patience.until(
                "the account",
                () -> client().serviceAccounts()
                                .inNamespace(NAMESPACE)
                                .withName("default")
                                .get()
                        != null);
    }

    String name() {
        return name;
    }

    String cgroup() {
        return "/insula-test/" + name;
    }

    Path folder() {
        return folder;
    }

    KubernetesClient client() {
        return cluster.client();
    }

    /// The node's way to its API server.
    TestGate gate() {
        return cluster.gate();
    }

    OwnContainerd containerd() {
        return containerd;
    }

    /// Not by JUnit, which would go through mounts.
    @Override
    public void close() throws IOException {
        client().pods().inNamespace(NAMESPACE).withGracePeriod(0).delete();
        Patience.until("nothing left of pods", () -> isEmpty(folder.resolve("pods")));
        Patience.until(
                "no pods",
                () -> client().pods().inNamespace(NAMESPACE).list().getItems().isEmpty());
        agent.close();
        cluster.close();
        Cgroups.removeEmpty(cgroup());
        Trees.delete(folder);
    }

    private static boolean isEmpty(Path path) {
        if (!Files.isDirectory(path)) {
            return true;
        }
        try (Stream<Path> all = Files.list(path)) {
            return all.findAny().isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void configMap(String name, Map<String, String> data, Map<String, byte[]> binary) {
        client().resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .withData(data)
                        .withBinaryData(binary.entrySet().stream()
                                .collect(toMap(
                                        Map.Entry::getKey,
                                        file -> Base64.getEncoder().encodeToString(file.getValue()))))
                        .build())
                .create();
    }

    /// @param namespace made where it is not there
    void secret(String namespace, String name, Map<String, String> data) {
        client().resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .createOr(NonDeletingOperation::update);
        client().resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withStringData(data)
                        .build())
                .create();
    }

    /// At once, and waits until they are gone.
    void end(String... pods) {
        for (String pod : pods) {
            client().pods()
                    .inNamespace(NAMESPACE)
                    .withName(pod)
                    .withGracePeriod(0)
                    .delete();
        }
        Set<String> named = Set.of(pods);
        Patience.until(
                "no sandbox of " + named,
                () -> containerd.runtime().sandboxes().stream()
                        .noneMatch(sandbox -> named.contains(sandbox.name().pod())));
    }

    /// @param spec in YAML; IMAGE stands for the image of a busybox
    Pod create(String pod, String spec) {
        return create(pod, Map.of(), spec);
    }

    Pod create(String pod, Map<String, String> annotations, String spec) {
        Pod wanted = Serialization.unmarshal(
                "apiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: %s}\nspec:\n%s"
                        .formatted(
                                pod,
                                NAMESPACE,
                                spec.replace("IMAGE", "'" + TestContainerd.IMAGE + "'")
                                        .indent(2)),
                Pod.class);
        wanted.getMetadata().setAnnotations(annotations);
        return client().resource(wanted).create();
    }

    Pod get(String pod) {
        return client().pods().inNamespace(NAMESPACE).withName(pod).require();
    }

    Pod await(String pod, Predicate<Pod> condition) {
        var last = new Object() {
            String seen = "";
        };
        try {
            return Patience.some(pod, () -> {
                Pod now = client().pods().inNamespace(NAMESPACE).withName(pod).get();
                last.seen = Serialization.asYaml(now == null ? "" : now.getStatus());
                return Optional.ofNullable(now).filter(condition);
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; the pod's last status:\n" + last.seen + events(pod), e);
        }
    }

    Pod awaitReady(String pod) {
        return await(pod, p -> condition(p, "Ready").getStatus().equals("True"));
    }

    Pod awaitPhase(String pod, String phase) {
        return await(pod, p -> phase.equals(p.getStatus().getPhase()));
    }

    /// What a command in one of its containers prints, once it succeeds.
    String exec(String pod, String container, String script) {
        String uid = get(pod).getMetadata().getUid();
        return Patience.some(
                script,
                () -> containerd.runtime().containers().stream()
                        .filter(c -> uid.equals(c.labels().get(Labels.POD_UID))
                                && c.name().equals(container)
                                && c.state() instanceof Running)
                        .map(c -> containerd.runtime().exec(c.id(), List.of("sh", "-c", script), Duration.ofMinutes(1)))
                        .filter(result -> result.exitCode() == 0)
                        .map(result -> new String(result.stdout(), StandardCharsets.UTF_8))
                        .findFirst());
    }

    /// The newest of that name which the runtime has.
    Container container(String pod, String container) {
        String uid = get(pod).getMetadata().getUid();
        return containerd.runtime().containers().stream()
                .filter(c ->
                        uid.equals(c.labels().get(Labels.POD_UID)) && c.name().equals(container))
                .max(java.util.Comparator.comparingInt(Container::attempt))
                .orElseThrow();
    }

    /// What a container, in its first run, has said so far.
    String log(String pod, String container) {
        Path log = folder.resolve("logs")
                .resolve(NAMESPACE + "_" + pod + "_" + get(pod).getMetadata().getUid())
                .resolve(container)
                .resolve("0.log");
        try (Stream<String> lines = Files.lines(log)) {
            return String.join(
                    "\n",
                    lines.map(line -> line.replaceFirst("^\\S+ \\S+ \\S+ ", "")).toList());
        } catch (IOException e) {
            return "";
        }
    }

    /// `Reason: message` of each.
    List<String> events(String pod) {
        return client().v1().events().inNamespace(NAMESPACE).list().getItems().stream()
                .filter(e -> pod.equals(e.getInvolvedObject().getName()))
                .map(TestNode::said)
                .toList();
    }

    private static String said(Event event) {
        return event.getReason() + ": " + event.getMessage();
    }

    static ContainerStatus status(Pod pod, String container) {
        return Stream.of(
                        pod.getStatus().getContainerStatuses(),
                        pod.getStatus().getInitContainerStatuses(),
                        pod.getStatus().getEphemeralContainerStatuses())
                .flatMap(List::stream)
                .filter(s -> s.getName().equals(container))
                .findFirst()
                .orElseGet(() -> new ContainerStatusBuilder()
                        .withName(container)
                        .withReady(false)
                        .withRestartCount(0)
                        .build());
    }

    /// Why it waits; empty where it does not.
    static String waits(Pod pod, String container) {
        var state = status(pod, container).getState();
        return state == null || state.getWaiting() == null
                ? ""
                : state.getWaiting().getReason();
    }

    static boolean isRunning(Pod pod, String container) {
        var state = status(pod, container).getState();
        return state != null && state.getRunning() != null;
    }

    static boolean isTerminated(Pod pod, String container) {
        var state = status(pod, container).getState();
        return state != null && state.getTerminated() != null;
    }

    static PodCondition condition(Pod pod, String type) {
        return pod.getStatus().getConditions().stream()
                .filter(c -> c.getType().equals(type))
                .findFirst()
                .orElseGet(() -> new PodConditionBuilder().withStatus("Unknown").build());
    }
}
