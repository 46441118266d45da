package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.containerd.Handlers;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.containerd.TestContainerd;
import io.insula.node.machine.Trees;
import io.insula.node.pod.Labels;
import io.insula.node.pod.NodeFacts;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.Patience;
import io.insula.node.runtime.RuntimeFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// The agent on Insula's own API server, in process, with its scheduler and controllers; pods really run.
@ExtendWith(TestContainerd.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RealNodeTest {

    private static final String NAMESPACE = "shop";

    private final OwnContainerd containerd;
    private final TestCluster cluster;
    private final KubernetesClient client;
    private final Path folder;
    private NodeAgent agent;

    RealNodeTest(OwnContainerd containerd) throws Exception {
        this.containerd = containerd;
        this.folder = Files.createTempDirectory("insula-real-node");
        cluster = new TestCluster();
        client = cluster.client();
        agent = startAgent();
    }

    @BeforeAll
    void makeSurroundings() {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        client.resource(new RuntimeClassBuilder()
                        .withNewMetadata()
                        .withName("gvisor")
                        .endMetadata()
                        .withHandler(Handlers.RUNSC)
                        .build())
                .create();
        Patience.until(
                "the account",
                () -> client.serviceAccounts()
                                        .inNamespace(NAMESPACE)
                                        .withName("default")
                                        .get()
                                != null
                        && client.configMaps()
                                        .inNamespace(NAMESPACE)
                                        .withName("kube-root-ca.crt")
                                        .get()
                                != null);
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("map")
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .withData(Map.of("key", "from the map"))
                        .build())
                .create();
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("secret")
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .withStringData(Map.of("key", "hidden"))
                        .build())
                .create();
    }

    /// Not by JUnit, which would go through mounts.
    @AfterAll
    void stop() throws IOException {
        client.pods().inNamespace(NAMESPACE).withGracePeriod(0).delete();
        Patience.until("nothing left of pods", () -> isEmpty(folder.resolve("pods")));
        Patience.until(
                "no pods",
                () -> client.pods().inNamespace(NAMESPACE).list().getItems().isEmpty());
        agent.close();
        cluster.close();
        Trees.delete(folder);
    }

    private NodeAgent startAgent() {
        var facts = new NodeFacts(
                "real-0",
                "127.0.0.1",
                List.of(),
                "cluster.local",
                8L << 30,
                folder.resolve("logs"),
                "/insula-test/real-0");
        Map<String, Quantity> capacity =
                Map.of("cpu", new Quantity("2"), "memory", new Quantity("4Gi"), "pods", new Quantity("50"));
        return NodeAgent.start(
                new NodeSettings(facts, Map.of("pool", "real"), List.of(), capacity, "", folder.resolve("pods")),
                cluster.nodeClient("real-0"),
                containerd.runtime());
    }

    @Test
    void isANodeThatIsReady() {
        Node node = Patience.some(
                "a ready node",
                () -> Optional.ofNullable(client.nodes().withName("real-0").get())
                        .filter(n -> n.getStatus().getConditions().stream()
                                .anyMatch(c -> c.getType().equals("Ready")
                                        && c.getStatus().equals("True"))));
        assertThat(node.getStatus().getConditions().stream().map(NodeCondition::getType))
                .contains("MemoryPressure", "DiskPressure", "PIDPressure");
        assertThat(node.getMetadata().getLabels())
                .containsEntry("pool", "real")
                .containsEntry("kubernetes.io/os", "linux");
        assertThat(node.getStatus().getNodeInfo().getContainerRuntimeVersion()).startsWith("containerd://");
        assertThat(node.getStatus().getAllocatable()).containsEntry("pods", new Quantity("50"));
        assertThat(client.leases()
                        .inNamespace("kube-node-lease")
                        .withName("real-0")
                        .get())
                .isNotNull();
    }

    @Test
    void runsPodsToTheirEnd() {
        create(
                "good",
                "{restartPolicy: Never, containers: [{name: main, image: IMAGE, command: [sh, -c, 'echo why >"
                        + " /dev/termination-log']}]}");
        create(
                "bad",
                "{restartPolicy: Never, containers: [{name: main, image: IMAGE, command: [sh, -c, 'echo last words;"
                        + " exit 7'], terminationMessagePolicy: FallbackToLogsOnError}]}");
        Pod good = await("good", pod -> phase(pod).equals("Succeeded"));
        Pod bad = await("bad", pod -> phase(pod).equals("Failed"));

        var end = status(good, "main").getState().getTerminated();
        assertThat(end.getExitCode()).isZero();
        assertThat(end.getReason()).isEqualTo("Completed");
        assertThat(end.getMessage()).isEqualTo("why\n");
        assertThat(condition(good, "Ready").getReason()).isEqualTo("PodCompleted");
        assertThat(status(bad, "main").getState().getTerminated().getExitCode()).isEqualTo(7);
        assertThat(status(bad, "main").getState().getTerminated().getReason()).isEqualTo("Error");
        assertThat(status(bad, "main").getState().getTerminated().getMessage()).isEqualTo("last words\n");
        assertThat(status(bad, "main").getRestartCount()).isZero();
    }

    @Test
    void restartsWhatFailsLaterAndLater() {
        create("crash", "{containers: [{name: main, image: IMAGE, command: [sh, -c, 'exit 3']}]}");
        Pod pod = await(
                "crash",
                p -> status(p, "main").getState().getWaiting() != null
                        && "CrashLoopBackOff"
                                .equals(status(p, "main")
                                        .getState()
                                        .getWaiting()
                                        .getReason()));
        assertThat(status(pod, "main").getState().getWaiting().getMessage())
                .startsWith("back-off 10s restarting failed container=main pod=crash_shop(");
        assertThat(status(pod, "main").getLastState().getTerminated().getExitCode())
                .isEqualTo(3);
        assertThat(status(pod, "main").getRestartCount()).isEqualTo(1);
        assertThat(phase(pod)).isEqualTo("Running");
        assertThat(condition(pod, "Ready").getMessage()).isEqualTo("containers with unready status: [main]");
        await("crash", p -> status(p, "main").getRestartCount() == 2);
    }

    @Test
    void runsInitContainersFirstAndSidecarsBeside() {
        create("ordered", """
                {restartPolicy: Never, terminationGracePeriodSeconds: 1, volumes: [{name: v, emptyDir: {}}], initContainers: [
                  {name: side, image: IMAGE, restartPolicy: Always, command: [sh, -c, 'echo side >> /v/order; sleep 1000'],
                   startupProbe: {exec: {command: [test, -s, /v/order]}, periodSeconds: 1, failureThreshold: 60}, volumeMounts: [{name: v, mountPath: /v}]},
                  {name: first, image: IMAGE, command: [sh, -c, 'echo first >> /v/order'], volumeMounts: [{name: v, mountPath: /v}]}],
                 containers: [{name: main, image: IMAGE, command: [sh, -c, 'cat /v/order > /dev/termination-log'], volumeMounts: [{name: v, mountPath: /v}]}]}
                """);
        Pod pod = await("ordered", p -> phase(p).equals("Succeeded"));
        assertThat(status(pod, "main").getState().getTerminated().getMessage()).isEqualTo("side\nfirst\n");
        assertThat(init(pod, "first").getState().getTerminated().getReason()).isEqualTo("Completed");

        create(
                "stuck",
                "{restartPolicy: Never, initContainers: [{name: first, image: IMAGE, command: [sh, -c, 'exit 1']}],"
                        + " containers: [{name: main, image: IMAGE}]}");
        Pod stuck = await("stuck", p -> phase(p).equals("Failed"));
        assertThat(status(stuck, "main").getState().getWaiting().getReason()).isEqualTo("PodInitializing");
        assertThat(condition(stuck, "Initialized").getMessage())
                .isEqualTo("containers with incomplete status: [first]");
    }

    @Test
    void asksPodsHowTheyAre() {
        create("probed", """
                {terminationGracePeriodSeconds: 0, containers: [{name: main, image: IMAGE,
                  command: [sh, -c, 'mkdir /w; touch /w/alive; httpd -f -p 8080 -h /w & while :; do sleep 1; done'], ports: [{name: web, containerPort: 8080}],
                  readinessProbe: {httpGet: {port: web, path: /ready}, periodSeconds: 1},
                  livenessProbe: {exec: {command: [test, -f, /w/alive]}, periodSeconds: 1, failureThreshold: 1}}]}
                """);
        Pod unready = await("probed", p -> phase(p).equals("Running"));
        assertThat(condition(unready, "Ready").getStatus()).isEqualTo("False");
        exec("probed", "touch /w/ready");
        await("probed", p -> condition(p, "Ready").getStatus().equals("True"));
        exec("probed", "rm /w/ready /w/alive");
        Pod restarted = await("probed", p -> status(p, "main").getRestartCount() >= 1);
        assertThat(status(restarted, "main").getLastState().getTerminated().getExitCode())
                .isEqualTo(137);
        assertThat(events("probed")).contains("Unhealthy", "Killing", "Created", "Started");
    }

    @Test
    void givesPodsTheirVolumesAndEnvironment() {
        create("given", """
                {restartPolicy: Never, hostname: web, hostAliases: [{ip: 192.0.2.9, hostnames: [other]}],
                 volumes: [{name: map, configMap: {name: map}}, {name: secret, secret: {secretName: secret}}, {name: memory, emptyDir: {medium: Memory}}],
                 containers: [{name: main, image: IMAGE,
                  env: [{name: A, valueFrom: {configMapKeyRef: {name: map, key: key}}}, {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}],
                  command: [sh, -c, 'echo $A; cat /map/key /secret/key; echo; hostname; grep -c "$IP" /etc/hosts; grep other /etc/hosts; mount | grep -c "/memory type tmpfs"; cat /var/run/secrets/kubernetes.io/serviceaccount/namespace; test -s /var/run/secrets/kubernetes.io/serviceaccount/token && echo token; test "$(A)" = "from the map" && echo expanded'],
                  volumeMounts: [{name: map, mountPath: /map}, {name: secret, mountPath: /secret}, {name: memory, mountPath: /memory}]}]}
                """);
        await("given", p -> phase(p).equals("Succeeded"));
        assertThat(log("given", "main"))
                .containsExactly(
                        "from the map",
                        "from the maphidden",
                        "web",
                        "1",
                        "192.0.2.9\tother",
                        "1",
                        "shoptoken",
                        "expanded");
    }

    /// The first container of the pod puts a link to the machine where the second one's path leads.
    @Test
    void keepsPodsOutOfTheMachinesFiles() throws IOException {
        // Of the machine, but none that anybody needs.
        Path outside = Files.createDirectories(folder.resolve("outside"));
        create("breakout", """
                {restartPolicy: Never, volumes: [{name: v, emptyDir: {}}],
                 initContainers: [{name: first, image: IMAGE, command: [ln, -s, %s, /v/out], volumeMounts: [{name: v, mountPath: /v}]}],
                 containers: [{name: main, image: IMAGE, command: [sh, -c, 'ls /machine'], volumeMounts: [{name: v, mountPath: /machine, subPath: out}]}]}
                """.formatted(outside));
        Pod pod = await(
                "breakout",
                p -> status(p, "main").getState().getWaiting() != null
                        && "CreateContainerConfigError"
                                .equals(status(p, "main")
                                        .getState()
                                        .getWaiting()
                                        .getReason()));
        assertThat(status(pod, "main").getState().getWaiting().getMessage()).contains("leads out of the volume");
    }

    @Test
    void runsGvisorWhereTheClassSaysSo() {
        create(
                "guarded",
                "{restartPolicy: Never, runtimeClassName: gvisor, containers: [{name: main, image: IMAGE, command:"
                        + " [sh, -c, 'uname -r']}]}");
        await("guarded", p -> phase(p).equals("Succeeded"));
        assertThat(log("guarded", "main")).containsExactly("4.4.0");
    }

    @Test
    void saysWhatCannotBe() {
        create("imageless", "{containers: [{name: main, image: 'localhost/none:1', imagePullPolicy: Never}]}");
        create(
                "mapless",
                "{containers: [{name: main, image: IMAGE, env: [{name: A, valueFrom: {configMapKeyRef: {name: none,"
                        + " key: k}}}]}]}");
        create("programless", "{restartPolicy: Never, containers: [{name: main, image: IMAGE, command: [/no/such]}]}");
        create(
                "greedy",
                "{restartPolicy: Never, containers: [{name: main, image: IMAGE, command: [tail, /dev/zero], resources:"
                        + " {limits: {memory: 32Mi, cpu: 500m}}}]}");
        create(
                "overdue",
                "{activeDeadlineSeconds: 1, terminationGracePeriodSeconds: 0, containers: [{name: main, image: IMAGE,"
                        + " command: [sleep, '1000']}]}");

        Pod imageless = await(
                "imageless",
                p -> status(p, "main").getState().getWaiting() != null
                        && "ErrImageNeverPull"
                                .equals(status(p, "main")
                                        .getState()
                                        .getWaiting()
                                        .getReason()));
        assertThat(phase(imageless)).isEqualTo("Pending");
        Pod mapless = await(
                "mapless",
                p -> status(p, "main").getState().getWaiting() != null
                        && "CreateContainerConfigError"
                                .equals(status(p, "main")
                                        .getState()
                                        .getWaiting()
                                        .getReason()));
        assertThat(status(mapless, "main").getState().getWaiting().getMessage())
                .isEqualTo("configmap \"none\" not found");
        Pod programless = await("programless", p -> phase(p).equals("Failed"));
        assertThat(status(programless, "main").getState().getTerminated().getReason())
                .isEqualTo("StartError");
        assertThat(status(programless, "main").getState().getTerminated().getMessage())
                .contains("/no/such");
        Pod greedy = await("greedy", p -> phase(p).equals("Failed"));
        assertThat(status(greedy, "main").getState().getTerminated().getReason())
                .isEqualTo("OOMKilled");
        assertThat(greedy.getStatus().getQosClass()).isEqualTo("Guaranteed");
        Pod overdue = await("overdue", p -> phase(p).equals("Failed"));
        assertThat(overdue.getStatus().getReason()).isEqualTo("DeadlineExceeded");
    }

    @Test
    void takesLeaveOfAPodAndLeavesNothing() throws IOException {
        create("leaving", """
                {volumes: [{name: v, hostPath: {path: %s, type: DirectoryOrCreate}}], containers: [{name: main, image: IMAGE, command: [sh, -c, 'trap "echo term >> /v/said; exit 0" TERM; while :; do sleep 0.2; done'],
                  lifecycle: {postStart: {exec: {command: [sh, -c, 'echo start >> /v/said']}}, preStop: {exec: {command: [sh, -c, 'echo stop >> /v/said']}}}, volumeMounts: [{name: v, mountPath: /v}]}]}
                """.formatted(folder.resolve("left")));
        Pod pod = await("leaving", p -> condition(p, "Ready").getStatus().equals("True"));
        client.resource(pod).delete();
        Patience.until(
                "the pod to go",
                () -> client.pods().inNamespace(NAMESPACE).withName("leaving").get() == null);

        assertThat(folder.resolve("left/said")).hasContent("start\nstop\nterm");
        String uid = pod.getMetadata().getUid();
        Patience.until(
                "its sandbox to go",
                () -> containerd.runtime().sandboxes().stream()
                        .noneMatch(s -> s.name().uid().equals(uid)));
        assertThat(folder.resolve("pods").resolve(uid)).doesNotExist();
    }

    /// Each would take a quarter of an hour, or for ever, if nobody could ask for it sooner.
    @Test
    void takesLeaveSoonerWhereAskedTo() {
        String deaf = "command: [sh, -c, 'trap \"\" TERM; sleep 100000']";
        create(
                "deaf",
                "{terminationGracePeriodSeconds: 9223372036854775807, containers: [{name: main, image: IMAGE, " + deaf
                        + "}]}");
        create(
                "slow",
                "{terminationGracePeriodSeconds: 900, containers: [{name: main, image: IMAGE, " + deaf
                        + ", lifecycle: {preStop: {exec: {command: [sleep, '100000']}}}}]}");
        create(
                "sleepy",
                "{terminationGracePeriodSeconds: 900, containers: [{name: main, image: IMAGE, " + deaf
                        + ", lifecycle: {preStop: {sleep: {seconds: 800}}}}]}");
        create(
                "late",
                "{terminationGracePeriodSeconds: 0, containers: [{name: main, image: IMAGE, " + deaf
                        + ", lifecycle: {postStart: {exec: {command: [sh, -c, 'touch /begun; sleep 100000']}}}}]}");
        List<String> all = List.of("deaf", "slow", "sleepy");
        for (String name : all) {
            Pod pod = await(name, p -> condition(p, "Ready").getStatus().equals("True"));
            client.resource(pod).delete();
            Patience.until(name + " to be told", () -> events(name).contains("Killing"));
            client.resource(pod).withGracePeriod(name.equals("slow") ? 1 : 0).delete();
        }
        Pod late = Patience.some(
                "its start",
                () -> Optional.ofNullable(client.pods()
                                .inNamespace(NAMESPACE)
                                .withName("late")
                                .get())
                        .filter(p -> events("late").contains("Started")));
        client.resource(late).delete();

        Patience.until(
                "all sandboxes to go",
                () -> containerd.runtime().sandboxes().stream()
                        .noneMatch(s ->
                                all.contains(s.name().pod()) || s.name().pod().equals("late")));
    }

    /// As if the agent had been killed: another finds the containers and goes on, and what went meanwhile is removed.
    @Test
    void takesUpRunningPodsAgain() {
        create(
                "lasting",
                "{terminationGracePeriodSeconds: 0, containers: [{name: main, image: IMAGE, command: [sleep,"
                        + " '1000']}]}");
        create(
                "orphan",
                "{terminationGracePeriodSeconds: 0, containers: [{name: main, image: IMAGE, command: [sleep,"
                        + " '1000']}]}");
        Pod before = await("lasting", p -> condition(p, "Ready").getStatus().equals("True"));
        Pod orphan = await("orphan", p -> condition(p, "Ready").getStatus().equals("True"));
        agent.close();
        client.resource(orphan).withGracePeriod(0).delete();
        ProcessHandle.of(containerd.pid()).ifPresent(ProcessHandle::destroyForcibly);

        agent = startAgent();
        Patience.until("containerd", () -> containerd.pid() != 0 && answers());
        Patience.until(
                "the orphan's sandbox to go",
                () -> containerd.runtime().sandboxes().stream()
                        .noneMatch(
                                s -> s.name().uid().equals(orphan.getMetadata().getUid())));
        exec("lasting", "true");
        Pod after = await("lasting", p -> condition(p, "Ready").getStatus().equals("True"));
        assertThat(status(after, "main").getContainerID())
                .isEqualTo(status(before, "main").getContainerID());
        assertThat(status(after, "main").getRestartCount()).isZero();
        client.resource(after).delete();
        Patience.until(
                "the pod to go",
                () -> client.pods().inNamespace(NAMESPACE).withName("lasting").get() == null);
    }

    private boolean answers() {
        try {
            return containerd.runtime().info().isReady();
        } catch (RuntimeFailure.Unavailable e) {
            return false;
        }
    }

    private static boolean isEmpty(Path path) {
        try (Stream<Path> all = Files.list(path)) {
            return all.findAny().isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void create(String name, String spec) {
        Pod pod = Serialization.unmarshal(
                "apiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: %s}\nspec:\n%s"
                        .formatted(
                                name,
                                NAMESPACE,
                                spec.replace("IMAGE", "'" + TestContainerd.IMAGE + "'")
                                        .indent(2)),
                Pod.class);
        client.resource(pod).create();
    }

    private Pod await(String name, Predicate<Pod> condition) {
        var last = new Object() {
            String seen = "";
        };
        try {
            return Patience.some(name, () -> {
                Pod pod = client.pods().inNamespace(NAMESPACE).withName(name).get();
                last.seen = Serialization.asYaml(pod.getStatus());
                return Optional.of(pod)
                        .filter(p -> p.getStatus().getContainerStatuses().size() > 0 && condition.test(p));
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; the pod's last status:\n" + last.seen + events(name), e);
        }
    }

    private void exec(String pod, String script) {
        String uid = client.pods()
                .inNamespace(NAMESPACE)
                .withName(pod)
                .get()
                .getMetadata()
                .getUid();
        Patience.until(
                script,
                () -> containerd.runtime().containers().stream()
                        .filter(c -> uid.equals(c.labels().get(Labels.POD_UID)) && c.state() instanceof Running)
                        .anyMatch(c -> containerd
                                        .runtime()
                                        .exec(c.id(), List.of("sh", "-c", script), Duration.ofMinutes(1))
                                        .exitCode()
                                == 0));
    }

    private List<String> log(String name, String container) {
        Pod pod = client.pods().inNamespace(NAMESPACE).withName(name).get();
        Path log = folder.resolve("logs")
                .resolve(NAMESPACE + "_" + name + "_" + pod.getMetadata().getUid())
                .resolve(container)
                .resolve("0.log");
        try (Stream<String> lines = Files.lines(log)) {
            return lines.map(line -> line.replaceFirst("^\\S+ \\S+ \\S+ ", "")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> events(String pod) {
        return client.v1().events().inNamespace(NAMESPACE).list().getItems().stream()
                .filter(e -> e.getInvolvedObject().getName().equals(pod))
                .map(e -> e.getReason())
                .toList();
    }

    private static String phase(Pod pod) {
        return pod.getStatus().getPhase();
    }

    private static ContainerStatus status(Pod pod, String name) {
        return pod.getStatus().getContainerStatuses().stream()
                .filter(s -> s.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static ContainerStatus init(Pod pod, String name) {
        return pod.getStatus().getInitContainerStatuses().stream()
                .filter(s -> s.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static PodCondition condition(Pod pod, String type) {
        return pod.getStatus().getConditions().stream()
                .filter(c -> c.getType().equals(type))
                .findFirst()
                .orElseGet(() -> new PodConditionBuilder().withStatus("Unknown").build());
    }
}
