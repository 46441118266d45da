package io.insula.node.agent;

import static io.insula.node.agent.TestNode.NAMESPACE;
import static io.insula.node.agent.TestNode.condition;
import static io.insula.node.agent.TestNode.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.containerd.TestContainerd;
import io.insula.node.pod.NodeFacts;
import io.insula.node.pod.SandboxSpecs;
import io.insula.node.runtime.Patience;
import io.insula.rules.keys.InsulaKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// What real containers and pods may take, and how that is changed while they run.
@ExtendWith(TestContainerd.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ResourcesTest {

    private static final String SLEEPS = "image: IMAGE, command: [sleep, '1000']";

    private final TestNode node;

    ResourcesTest(OwnContainerd containerd) throws Exception {
        node = new TestNode("bounded", containerd, UnaryOperator.identity());
    }

    @AfterAll
    void stop() throws Exception {
        node.close();
    }

    @Test
    void boundsAPodByTheSumOfItsContainersOrByWhatItSays() {
        node.create("sum", """
                {terminationGracePeriodSeconds: 0, containers: [
                  {name: one, %1$s, resources: {limits: {cpu: 100m, memory: 32Mi}}},
                  {name: two, %1$s, resources: {limits: {cpu: 200m, memory: 64Mi}}}]}
                """.formatted(SLEEPS));
        node.create("own", """
                {terminationGracePeriodSeconds: 0, resources: {limits: {cpu: 500m, memory: 80Mi}}, containers: [
                  {name: one, %1$s}, {name: two, %1$s}]}
                """.formatted(SLEEPS));
        Pod sum = node.awaitReady("sum");
        Pod own = node.awaitReady("own");

        assertThat(memory(group(sum))).isEqualTo(96 << 20);
        assertThat(quota(group(sum))).isEqualTo(30_000);
        assertThat(memory(group(own))).isEqualTo(80 << 20);
        assertThat(quota(group(own))).isEqualTo(50_000);
        assertThat(own.getStatus().getQosClass()).isEqualTo("Guaranteed");
        assertThat(number(group(own), "pids", "pids.max", "pids.max")).isEqualTo(NodeLimits.USUAL.podProcesses());

        assertThat(memory(node.cgroup())).as("all pods together").isEqualTo(4L << 30);

        node.client().resource(own).delete();
        Patience.until("the group to go", () -> !Files.exists(file(group(own), "pids", "pids.max", "pids.max")));
    }

    @Test
    void boundsTheProcessesOfAPodByItsProfilesLimit() {
        node.create(
                "few",
                Map.of(InsulaKeys.PIDS_LIMIT, "50"),
                "{terminationGracePeriodSeconds: 0, containers: [{name: one, %s}]}".formatted(SLEEPS));
        Pod few = node.awaitReady("few");

        assertThat(number(group(few), "pids", "pids.max", "pids.max")).isEqualTo(50);
    }

    @Test
    void givesARunningContainerMoreAndLessWithoutARestart() {
        Pod before = started("resized", "cpu: 100m, memory: 32Mi", "");
        assertThat(status(before, "main").getAllocatedResources()).containsEntry("memory", new Quantity("32Mi"));

        resize("resized", "cpu: 300m, memory: 64Mi");
        Pod more = node.await("resized", p -> holds(p, "64Mi") && isSettled(p));
        assertThat(status(more, "main").getRestartCount()).isZero();
        assertThat(status(more, "main").getResources().getLimits()).containsEntry("cpu", new Quantity("300m"));
        String container =
                group(more) + "/" + node.container("resized", "main").id().value();
        assertThat(memory(container)).isEqualTo(64 << 20);
        assertThat(quota(container)).isEqualTo(30_000);
        assertThat(memory(group(more))).isEqualTo(64 << 20);
        assertThat(quota(group(more))).isEqualTo(30_000);

        resize("resized", "cpu: 100m, memory: 48Mi");
        Pod less = node.await("resized", p -> holds(p, "48Mi") && isSettled(p));
        assertThat(status(less, "main").getRestartCount()).isZero();
        assertThat(memory(container)).isEqualTo(48 << 20);
        assertThat(memory(group(less))).isEqualTo(48 << 20);
        assertThat(quota(group(less))).isEqualTo(10_000);
        assertThat(node.events("resized")).contains("ResizeCompleted: Pod resize completed");
    }

    @Test
    void startsAgainWhereTheContainerSaysSo() {
        started(
                "choosy",
                "cpu: 100m, memory: 32Mi",
                "resizePolicy: [{resourceName: memory, restartPolicy: RestartContainer}],");
        resize("choosy", "cpu: 200m, memory: 32Mi");
        Pod cpu = node.await(
                "choosy",
                p -> new Quantity("200m")
                        .equals(status(p, "main").getResources().getLimits().get("cpu")));
        assertThat(status(cpu, "main").getRestartCount()).isZero();

        resize("choosy", "cpu: 200m, memory: 40Mi");
        Pod memory = node.await("choosy", p -> status(p, "main").getRestartCount() == 1 && holds(p, "40Mi"));
        assertThat(memory(group(memory) + "/"
                        + node.container("choosy", "main").id().value()))
                .isEqualTo(40 << 20);
        assertThat(node.events("choosy")).contains("Killing: Container main resize requires restart");
    }

    @Test
    void saysWhatItCanNotOrNeverGive() {
        started("modest", "cpu: 100m, memory: 32Mi", "");
        resize("modest", "cpu: 5, memory: 32Mi");
        Pod never = node.await(
                "modest",
                p -> "Infeasible".equals(condition(p, "PodResizePending").getReason()));
        assertThat(condition(never, "PodResizePending").getMessage())
                .isEqualTo("Node didn't have enough capacity: cpu, requested: 5000, capacity: 2000");
        assertThat(status(never, "main").getResources().getLimits()).containsEntry("cpu", new Quantity("100m"));

        started("greedy", "cpu: 1200m, memory: 32Mi", "");
        resize("modest", "cpu: 1, memory: 32Mi");
        Pod waiting = node.await(
                "modest",
                p -> "Deferred".equals(condition(p, "PodResizePending").getReason()));
        assertThat(condition(waiting, "PodResizePending").getMessage())
                .startsWith("Node didn't have enough resource: cpu, requested: 1000, used: ");
        assertThat(condition(waiting, "Ready").getStatus()).isEqualTo("True");

        node.client()
                .pods()
                .inNamespace(NAMESPACE)
                .withName("greedy")
                .withGracePeriod(0)
                .delete();
        Pod given = node.await("modest", ResourcesTest::isSettled);
        assertThat(status(given, "main").getResources().getLimits()).containsEntry("cpu", new Quantity("1"));
    }

    /// Less memory than a container uses is not taken from it: it lives on, and is told why.
    @Test
    void takesNoMemoryThatIsInUse() {
        node.create("full", """
                {terminationGracePeriodSeconds: 0, volumes: [{name: m, emptyDir: {medium: Memory}}], containers: [
                  {name: main, image: IMAGE, command: [sh, -c, 'head -c 20000000 /dev/zero >/m/f; touch /m/done; sleep 1000'],
                   readinessProbe: {exec: {command: [test, -f, /m/done]}, periodSeconds: 1},
                   volumeMounts: [{name: m, mountPath: /m}], resources: {limits: {cpu: 100m, memory: 64Mi}}}]}
                """);
        node.awaitReady("full");
        resize("full", "cpu: 100m, memory: 8Mi");
        Pod pod = node.await(
                "full", p -> "Error".equals(condition(p, "PodResizeInProgress").getReason()));
        assertThat(condition(pod, "PodResizeInProgress").getMessage()).contains("below current usage");
        assertThat(status(pod, "main").getRestartCount()).isZero();
        assertThat(holds(pod, "64Mi")).isTrue();
    }

    private Pod started(String name, String limits, String policy) {
        node.create(
                name,
                "{terminationGracePeriodSeconds: 0, containers: [{name: main, %s, %s resources: {limits: {%s}}}]}"
                        .formatted(SLEEPS, policy, limits));
        return node.awaitReady(name);
    }

    private void resize(String pod, String limits) {
        ResourceRequirements wanted = Serialization.unmarshal(
                "---\n{limits: {%1$s}, requests: {%1$s}}".formatted(limits), ResourceRequirements.class);
        node.client()
                .pods()
                .inNamespace(NAMESPACE)
                .withName(pod)
                .subresource("resize")
                .patch(
                        PatchContext.of(PatchType.STRATEGIC_MERGE),
                        Serialization.asJson(Map.of(
                                "spec", Map.of("containers", List.of(Map.of("name", "main", "resources", wanted))))));
    }

    private static boolean holds(Pod pod, String memory) {
        var resources = status(pod, "main").getResources();
        return resources != null
                && new Quantity(memory).equals(resources.getLimits().get("memory"));
    }

    private static boolean isSettled(Pod pod) {
        return List.of("PodResizePending", "PodResizeInProgress").stream()
                .allMatch(type -> condition(pod, type).getStatus().equals("Unknown"));
    }

    private String group(Pod pod) {
        return SandboxSpecs.cgroup(pod, new NodeFacts(node.name(), "", List.of(), "", 0, node.folder(), node.cgroup()));
    }

    private static long memory(String group) {
        return number(group, "memory", "memory.limit_in_bytes", "memory.max");
    }

    private static long quota(String group) {
        return number(group, "cpu", "cpu.cfs_quota_us", "cpu.max");
    }

    private static long number(String group, String controller, String first, String second) {
        try {
            return Long.parseLong(Files.readString(file(group, controller, first, second))
                    .strip()
                    .split(" ", -1)[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path file(String group, String controller, String first, String second) {
        Path unified = Path.of("/sys/fs/cgroup" + group, second);
        return Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"))
                ? unified
                : Path.of("/sys/fs/cgroup/" + controller + group, first);
    }
}
