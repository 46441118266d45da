package io.insula.node.agent;

import static io.insula.node.agent.TestNode.condition;
import static io.insula.node.agent.TestNode.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.containerd.TestContainerd;
import io.insula.node.eviction.Observed;
import io.insula.node.eviction.Observed.Left;
import io.insula.node.eviction.Signal;
import io.insula.node.pod.Labels;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.Patience;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Real pods that give way. What the machine has left is told by the test: it is short as long as a pod `hog` runs.
@ExtendWith(TestContainerd.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EvictionTest {

    private static final String SLEEPS = "image: IMAGE, command: [sleep, '1000']";

    private final TestNode node;

    EvictionTest(OwnContainerd containerd) throws Exception {
        node = new TestNode(
                "short",
                containerd,
                settings ->
                        settings.limits(NodeLimits.USUAL.sight((_, _) -> left(isThere(containerd.runtime(), "hog")))));
    }

    private static Observed left(boolean isShort) {
        return new Observed(Map.of(Signal.MEMORY, new Left(isShort ? 50 << 20 : 1 << 30, 4L << 30)));
    }

    private static boolean isThere(ContainerRuntime runtime, String pod) {
        return runtime.containers().stream()
                .anyMatch(c -> pod.equals(c.labels().get(Labels.POD_NAME)) && c.state() instanceof Running);
    }

    @AfterAll
    void stop() throws Exception {
        node.close();
    }

    @Test
    void hasWhoTakesMostBeyondWhatItAskedForGiveWay() {
        node.create(
                "modest",
                "{terminationGracePeriodSeconds: 0, containers: [{name: main, %s, resources: {requests: {memory: 64Mi}}}]}"
                        .formatted(SLEEPS));
        node.create("small", "{terminationGracePeriodSeconds: 0, containers: [{name: main, %s}]}".formatted(SLEEPS));
        Pod modest = node.awaitReady("modest");
        Pod small = node.awaitReady("small");
        node.create("hog", """
                {volumes: [{name: m, emptyDir: {medium: Memory}}], containers: [{name: main, image: IMAGE,
                  command: [sh, -c, 'head -c 20000000 /dev/zero >/m/f; trap : TERM; while :; do sleep 1; done'],
                  volumeMounts: [{name: m, mountPath: /m}], resources: {limits: {memory: 64Mi}, requests: {memory: 1Mi}}}]}
                """);

        Pod hog = node.awaitPhase("hog", "Failed");
        assertThat(hog.getStatus().getReason()).isEqualTo("Evicted");
        assertThat(hog.getStatus().getMessage())
                .startsWith("The node was low on resource: memory. Threshold quantity: 100Mi, available: 51200Ki. ");
        assertThat(condition(hog, "DisruptionTarget").getReason()).isEqualTo("TerminationByKubelet");
        assertThat(condition(hog, "DisruptionTarget").getStatus()).isEqualTo("True");
        assertThat(node.events("hog")).contains("Evicted: " + hog.getStatus().getMessage());
        assertThat(isThere(node.containerd().runtime(), "hog")).isFalse();
        Patience.until(
                "its volumes to go",
                () -> !java.nio.file.Files.exists(node.folder()
                        .resolve("pods")
                        .resolve(hog.getMetadata().getUid())
                        .resolve("volumes")));
        assertThat(status(node.awaitReady("modest"), "main").getContainerID())
                .isEqualTo(status(modest, "main").getContainerID());
        assertThat(status(node.awaitReady("small"), "main").getContainerID())
                .isEqualTo(status(small, "main").getContainerID());

        Node pressed = Patience.some(
                "the node to say so",
                () -> Optional.of(node.client().nodes().withName("short").get())
                        .filter(n -> n.getSpec().getTaints().stream()
                                .map(Taint::getKey)
                                .anyMatch("node.kubernetes.io/memory-pressure"::equals)));
        assertThat(pressed.getStatus().getConditions())
                .filteredOn(c -> c.getType().equals("MemoryPressure"))
                .singleElement()
                .extracting(NodeCondition::getStatus, NodeCondition::getReason)
                .containsExactly("True", "KubeletHasInsufficientMemory");
        node.create("late", "{nodeName: short, containers: [{name: main, %s}]}".formatted(SLEEPS));
        Pod late = node.awaitPhase("late", "Failed");
        assertThat(late.getStatus().getMessage())
                .isEqualTo("Pod was rejected: The node had condition: [MemoryPressure]. ");
    }

    /// Past the scheduler, as the other test leaves the node with a taint; who asks for memory is taken.
    @Test
    void hasWhoFillsTheDiskGiveWay() {
        node.create("volume", """
                {nodeName: short, restartPolicy: Never, terminationGracePeriodSeconds: 0, volumes: [{name: scratch, emptyDir: {sizeLimit: 1Mi}}],
                 containers: [{name: main, image: IMAGE, command: [sh, -c, 'head -c 5000000 /dev/zero >/v/f; sleep 1000'],
                   volumeMounts: [{name: scratch, mountPath: /v}], resources: {requests: {memory: 1Mi}}}]}
                """);
        node.create("root", """
                {nodeName: short, restartPolicy: Never, terminationGracePeriodSeconds: 0,
                 containers: [{name: main, image: IMAGE, command: [sh, -c, 'head -c 5000000 /dev/zero >/f; sleep 1000'],
                   resources: {limits: {ephemeral-storage: 1Mi}, requests: {memory: 1Mi}}}]}
                """);
        node.create("neighbour", """
                {nodeName: short, terminationGracePeriodSeconds: 0, volumes: [{name: scratch, emptyDir: {sizeLimit: 10Mi}}],
                 containers: [{name: main, image: IMAGE, command: [sh, -c, 'head -c 5000000 /dev/zero >/v/f; sleep 1000'],
                   volumeMounts: [{name: scratch, mountPath: /v}], resources: {requests: {memory: 1Mi}}}]}
                """);
        Pod volume = node.awaitPhase("volume", "Failed");
        assertThat(volume.getStatus().getReason()).isEqualTo("Evicted");
        assertThat(volume.getStatus().getMessage())
                .isEqualTo("Usage of EmptyDir volume \"scratch\" exceeds the limit \"1Mi\". ");
        assertThat(status(volume, "main").getState().getTerminated().getExitCode())
                .isEqualTo(137);
        Pod root = node.awaitPhase("root", "Failed");
        assertThat(root.getStatus().getMessage())
                .isEqualTo("Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. ");
        assertThat(node.exec("neighbour", "main", "wc -c </v/f")).isEqualTo("5000000\n");
        node.awaitReady("neighbour");
    }
}
