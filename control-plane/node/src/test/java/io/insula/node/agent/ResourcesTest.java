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
import io.insula.tenantapi.conformance.Conformance;
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

    private static final String RESIZE =
            "[sig-node] Pod InPlace Resize Container guaranteed pods with multiple containers 3 containers - ";
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

    /// What becomes of three containers, each of its own size; then all is as before.
    @Test
    @Conformance(
            value = {
                RESIZE
                        + "increase cpu & mem on c1, c2, decrease cpu & mem on c3 - net increase [MinimumKubeletVersion:1.34]"
                        + " [Conformance]",
                RESIZE
                        + "increase cpu & mem on c1, decrease cpu & mem on c2, c3 - net decrease [MinimumKubeletVersion:1.34]"
                        + " [Conformance]",
                RESIZE + "increase: CPU (c1,c3), memory (c2, c3) ; decrease: CPU (c2) [MinimumKubeletVersion:1.34]"
                        + " [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void resizesManyContainersAtOnceAndBack() {
        // which other tests may have left, and the node's two processors hold no more
        node.end("modest", "greedy", "sum", "own", "choosy", "resized");
        List<Size> first = List.of(new Size(100, 32), new Size(110, 34), new Size(120, 36));
        node.create(
                "three",
                "{terminationGracePeriodSeconds: 0, containers: [%s, %s, %s]}"
                        .formatted(sized("c1", first.get(0)), sized("c2", first.get(1)), sized("c3", first.get(2))));
        Pod pod = node.awaitReady("three");
        for (List<Size> wanted : List.of(
                List.of(new Size(150, 40), new Size(160, 42), new Size(70, 28)),
                List.of(new Size(150, 40), new Size(60, 26), new Size(70, 28)),
                List.of(new Size(150, 32), new Size(60, 42), new Size(170, 44)))) {
            assertResized(pod, wanted);
            assertResized(pod, first);
        }
    }

    private record Size(int millis, int mebibytes) {

        Map<String, Map<String, String>> resources() {
            var both = Map.of("cpu", millis + "m", "memory", mebibytes + "Mi");
            return Map.of("limits", both, "requests", both);
        }
    }

    private static String sized(String name, Size size) {
        return "{name: %s, %s, resources: {limits: {cpu: %dm, memory: %dMi}}}"
                .formatted(name, SLEEPS, size.millis(), size.mebibytes());
    }

    private void assertResized(Pod pod, List<Size> sizes) {
        List<String> names = List.of("c1", "c2", "c3");
        resize(
                "three",
                names.stream()
                        .map(name -> Map.<String, Object>of(
                                "name",
                                name,
                                "resources",
                                sizes.get(names.indexOf(name)).resources()))
                        .toList());
        Pod resized = node.await(
                "three",
                p -> isSettled(p)
                        && names.stream()
                                .allMatch(name -> new Quantity(
                                                sizes.get(names.indexOf(name)).mebibytes() + "Mi")
                                        .equals(status(p, name)
                                                .getAllocatedResources()
                                                .get("memory"))));
        long millis = 0;
        long bytes = 0;
        for (String name : names) {
            Size size = sizes.get(names.indexOf(name));
            millis += size.millis();
            bytes += (long) size.mebibytes() << 20;
            var resources = status(resized, name).getResources();
            assertThat(resources.getLimits()).isEqualTo(resources.getRequests());
            assertThat(resources.getLimits()).containsEntry("cpu", new Quantity(size.millis() + "m"));
            String group = group(pod) + "/" + node.container("three", name).id().value();
            assertThat(memory(group)).isEqualTo((long) size.mebibytes() << 20);
            assertThat(quota(group)).isEqualTo(size.millis() * 100L);
            assertThat(status(resized, name).getRestartCount()).isZero();
        }
        assertThat(memory(group(pod))).isEqualTo(bytes);
        assertThat(quota(group(pod))).isEqualTo(millis * 100);
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
        resize(pod, List.of(Map.of("name", "main", "resources", wanted)));
    }

    private void resize(String pod, List<Map<String, Object>> containers) {
        node.client()
                .pods()
                .inNamespace(NAMESPACE)
                .withName(pod)
                .subresource("resize")
                .patch(
                        PatchContext.of(PatchType.STRATEGIC_MERGE),
                        Serialization.asJson(Map.of("spec", Map.of("containers", containers))));
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
