package io.insula.node.agent;

import static io.insula.node.agent.TestNode.isTerminated;
import static io.insula.node.agent.TestNode.status;
import static io.insula.node.agent.TestNode.waits;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.containerd.TestContainerd;
import io.insula.node.logs.LogRotation;
import io.insula.node.pod.NodeFacts;
import io.insula.node.pod.SandboxSpecs;
import io.insula.node.runtime.Container;
import io.insula.node.runtime.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Pods that do what they should not: each is told so as a kubelet tells it, and the pod beside it is unharmed. All of
/// it within small bounds of its own, as others use the machine.
@ExtendWith(TestContainerd.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FaultsTest {

    private static final long PROCESSES = 60;
    private static final String REFUSED = "can't fork";
    private static final LogRotation.Limits LOGS = new LogRotation.Limits(100_000, 3);

    private final TestNode node;
    private String neighbour = "";

    FaultsTest(OwnContainerd containerd) throws Exception {
        node = new TestNode(
                "faults",
                containerd,
                settings -> settings.limits(NodeLimits.USUAL.podProcesses(PROCESSES))
                        .logLimits(LOGS));
    }

    @BeforeAll
    void startNeighbour() {
        node.create("neighbour", """
                {terminationGracePeriodSeconds: 0, containers: [{name: main, image: IMAGE, command: [sleep, '1000'],
                  readinessProbe: {periodSeconds: 1, timeoutSeconds: 30, exec: {command: [sh, -c, 'echo | cat']}},
                  resources: {limits: {cpu: 200m, memory: 32Mi}}}]}
                """);
        neighbour = status(node.awaitReady("neighbour"), "main").getContainerID();
    }

    @AfterEach
    void leavesTheNeighbourUnharmed() {
        Pod pod = node.awaitReady("neighbour");
        assertThat(status(pod, "main").getContainerID()).isEqualTo(neighbour);
        assertThat(status(pod, "main").getRestartCount()).isZero();
        assertThat(node.exec("neighbour", "main", "echo lives")).isEqualTo("lives\n");
    }

    @AfterAll
    void stop() throws Exception {
        node.close();
    }

    @Test
    void boundsAForkBomb() {
        node.create("bomb", """
                {terminationGracePeriodSeconds: 0, restartPolicy: Never, containers: [{name: main, image: IMAGE,
                  command: [sh, -c, 'bomb() { bomb | bomb & sleep 1; bomb; }; bomb'], resources: {limits: {cpu: 50m, memory: 32Mi}}}]}
                """);
        Pod pod = node.await("bomb", p -> p.getStatus().getStartTime() != null);
        Path group = pids(pod);
        Patience.until(
                "the kernel to refuse it more", () -> node.log("bomb", "main").contains(REFUSED));
        assertThat(number(group.resolve("pids.current"))).isLessThanOrEqualTo(PROCESSES);

        node.client().resource(pod).withGracePeriod(0).delete();
        Patience.until("nothing of it", () -> !Files.exists(group));
    }

    @Test
    void killsAMemoryBombAndSaysSo() {
        node.create("eater", """
                {terminationGracePeriodSeconds: 0, containers: [{name: main, image: IMAGE, command: [tail, /dev/zero],
                  resources: {limits: {cpu: 100m, memory: 16Mi}}}]}
                """);
        Pod pod = node.await(
                "eater",
                p -> status(p, "main").getRestartCount() >= 1
                        && waits(p, "main").equals("CrashLoopBackOff"));
        var last = status(pod, "main").getLastState().getTerminated();
        assertThat(last.getReason()).isEqualTo("OOMKilled");
        assertThat(last.getExitCode()).isEqualTo(137);
    }

    @Test
    void keepsAFloodedLogShort() {
        node.create("talker", """
                {terminationGracePeriodSeconds: 0, containers: [{name: main, image: IMAGE,
                  command: [sh, -c, 'while :; do head -c 5000 /dev/zero | tr "\\\\0" x; echo; sleep 0.1; done'],
                  resources: {limits: {cpu: 100m, memory: 16Mi}}}]}
                """);
        Pod pod = node.awaitReady("talker");
        Path logs = node.folder()
                .resolve("logs/" + TestNode.NAMESPACE + "_talker_"
                        + pod.getMetadata().getUid() + "/main");
        Patience.until("rotated logs, and no more than that", () -> files(logs).size() == LOGS.files());
        // a log grows between two looks: 50 KB each second
        assertThat(files(logs).stream().mapToLong(FaultsTest::size).sum()).isLessThan(20 * LOGS.bytes());
    }

    @Test
    void reapsTheDeadWhereAPodSharesItsProcesses() {
        node.create("parent", """
                {terminationGracePeriodSeconds: 0, shareProcessNamespace: true, containers: [{name: main, image: IMAGE,
                  command: [sh, -c, 'n=0; while [ $n -lt 100 ]; do (sleep 0 &); n=$((n+1)); done; touch /done; exec sleep 1000'],
                  readinessProbe: {periodSeconds: 1, exec: {command: [test, -f, /done]}}, resources: {limits: {cpu: 200m, memory: 32Mi}}}]}
                """);
        node.awaitReady("parent");
        Patience.until(
                "no dead processes",
                () -> node.exec("parent", "main", "grep -l '^State:.Z' /proc/[0-9]*/status | wc -l")
                        .equals("0\n"));
    }

    /// Who leaves its dead lying runs into its own pod's bound, and into nobody else's. They are its first process's,
    /// which asks for none of them, so they add up however slowly they come.
    @Test
    void boundsTheDeadWhoNobodyReaps() {
        node.create("undertaker", """
                {terminationGracePeriodSeconds: 0, containers: [{name: main, image: IMAGE,
                  command: [sh, -c, '{ n=0; while [ $n -lt 100 ]; do (sleep 0 &); n=$((n+1)); done; } & exec sleep 1000'],
                  resources: {limits: {cpu: 100m, memory: 32Mi}}}]}
                """);
        Pod pod = node.await("undertaker", p -> p.getStatus().getStartTime() != null);
        Path group = pids(pod);
        Patience.until(
                "the kernel to refuse it more",
                () -> node.log("undertaker", "main").contains(REFUSED));
        node.client().resource(pod).withGracePeriod(0).delete();
        Patience.until("nothing of it", () -> !Files.exists(group));
    }

    /// For as long as it takes: who ends starts again, and what has happened is told later.
    @Test
    void goesOnWithItsPodsWhileTheApiServerIsGone() throws IOException {
        node.create("left", """
                {terminationGracePeriodSeconds: 0, containers: [{name: main, image: IMAGE, command: [sleep, '1000']}]}
                """);
        node.awaitReady("left");
        Container first = node.container("left", "main");
        node.gate().shut();
        try {
            node.create("meanwhile", """
                    {nodeName: faults, terminationGracePeriodSeconds: 0,
                     containers: [{name: main, image: IMAGE, command: [sleep, '1000']}]}
                    """);
            node.containerd().runtime().stopContainer(first.id(), Duration.ZERO);
            Patience.until("it to start again", () -> {
                Container now = node.container("left", "main");
                return now.attempt() == 1 && now.state() instanceof Container.State.Running;
            });
            assertThat(status(node.get("left"), "main").getRestartCount()).isZero();
            assertThat(node.get("meanwhile").getStatus().getContainerStatuses()).isEmpty();
        } finally {
            node.gate().open();
        }
        node.await("left", pod -> status(pod, "main").getRestartCount() == 1 && TestNode.isRunning(pod, "main"));
        node.awaitReady("meanwhile");
    }

    @Test
    void saysThatAnImageIsNotThere() {
        node.create("none", "{containers: [{name: main, image: 'localhost:1/none:1'}]}");
        node.await("none", p -> waits(p, "main").equals("ErrImagePull"));
        Pod pod = node.await("none", p -> waits(p, "main").equals("ImagePullBackOff"));
        assertThat(pod.getStatus().getPhase()).isEqualTo("Pending");
        assertThat(node.events("none"))
                .contains("Pulling: Pulling image \"localhost:1/none:1\"")
                .anyMatch(event -> event.startsWith("Failed: Failed to pull image \"localhost:1/none:1\": "))
                .contains("Failed: Error: ErrImagePull", "Failed: Error: ImagePullBackOff")
                .contains("BackOff: Back-off pulling image \"localhost:1/none:1\"");

        node.create("odd", "{containers: [{name: main, image: 'example.com/UPPER:1'}]}");
        Pod odd = node.await("odd", p -> waits(p, "main").equals("InvalidImageName"));
        assertThat(status(odd, "main").getState().getWaiting().getMessage())
                .startsWith("Failed to apply default image tag \"example.com/UPPER:1\": couldn't parse image name");
    }

    @Test
    void saysThatACommandIsNotThere() {
        node.create("mute", "{restartPolicy: Never, containers: [{name: main, image: IMAGE, command: [/no/such]}]}");
        Pod pod = node.await("mute", p -> isTerminated(p, "main"));
        var end = status(pod, "main").getState().getTerminated();
        assertThat(end.getReason()).isEqualTo("StartError");
        assertThat(end.getExitCode()).isEqualTo(128);
        assertThat(end.getMessage()).contains("/no/such");
        assertThat(node.awaitPhase("mute", "Failed").getStatus().getPhase()).isEqualTo("Failed");
        assertThat(node.events("mute"))
                .anyMatch(event -> event.startsWith("Failed: Error: failed to create containerd task")
                        || event.startsWith("Failed: Error: rpc error"));
    }

    private Path pids(Pod pod) {
        String group = SandboxSpecs.cgroup(
                pod, new NodeFacts(node.name(), "", List.of(), "", 0, node.folder(), node.cgroup()));
        boolean unified = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
        return Path.of("/sys/fs/cgroup" + (unified ? "" : "/pids") + group);
    }

    private static long number(Path file) {
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }
}
