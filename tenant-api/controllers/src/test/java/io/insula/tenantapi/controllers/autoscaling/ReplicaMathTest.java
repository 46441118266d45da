package io.insula.tenantapi.controllers.autoscaling;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReplicaMathTest {

    record Asked(String name, String container, String spec, long percent) {
        @Override
        public String toString() {
            return name;
        }
    }

    /// Source: kubernetes, `replica_calculator_test.go`, the cases of `TestCalculatePodRequests`; each pod uses 300m.
    static Stream<Asked> requests() {
        String two = "containers: [{name: a, resources: {requests: {cpu: 100m}}},"
                + " {name: b, resources: {requests: {cpu: 50m}}}]";
        String sidecar = "containers: [{name: a, resources: {requests: {cpu: 100m}}}],"
                + " initContainers: [{name: i, resources: {requests: {cpu: 20m}}},"
                + " {name: s, restartPolicy: Always, resources: {requests: {cpu: 50m}}}]";
        return Stream.of(
                new Asked("all containers", "", two, 200),
                new Asked("the one that is named", "a", two, 300),
                new Asked("sidecars, and no other init container", "", sidecar, 200),
                new Asked("a sidecar that is named", "s", sidecar, 600),
                new Asked("the pod's own", "", two + ", resources: {requests: {cpu: 200m}}", 150),
                new Asked(
                        "with the overhead",
                        "",
                        two + ", resources: {requests: {cpu: 200m}}, overhead: {cpu: 50m}",
                        120),
                new Asked("the container before the pod", "b", two + ", resources: {requests: {cpu: 200m}}", 600),
                new Asked(
                        "the sum where the pod names only memory",
                        "",
                        two + ", resources: {requests: {memory: 1Gi}}",
                        200),
                new Asked(
                        "what no pod can name does not count",
                        "",
                        two + ", resources: {requests: {storage: 1Gi}}",
                        200));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void comparesWithWhatThePodRequests(Asked asked) throws MetricsUnavailable {
        var target = new ReplicaMath.Target("cpu", asked.container(), true, 50);

        assertThat(ReplicaMath.of(1, List.of(asking(asked.spec())), Map.of("p", 300L), target)
                        .current())
                .isEqualTo(asked.percent());
    }

    @Test
    void saysWhichRequestIsMissing() {
        assertThat(missing("", "containers: [{name: a}]")).isEqualTo("missing request for cpu in container a of Pod p");
        assertThat(missing("x", "containers: [{name: a}]")).isEqualTo("container x not found in Pod p");
        assertThat(missing("", "containers: [{name: a}], resources: {requests: {memory: 1Gi}}"))
                .isEqualTo("missing pod-level request for cpu in Pod p");
    }

    /// @param used by each pod that was measured, of 100m that each requests; the target is half
    record Proposed(String name, List<Integer> used, List<String> others, int replicas) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final String STARTING = "{phase: Running, conditions: [{type: Ready, status: 'False'}]}";
    private static final String PENDING = "{phase: Pending}";
    private static final String SILENT = "{phase: Running, conditions: [{type: Ready, status: 'True'}]}";
    private static final String DONE = "{phase: Succeeded}";

    /// Source: kubernetes documentation, "Horizontal Pod Autoscaling", "Algorithm details".
    static Stream<Proposed> proposals() {
        return Stream.of(
                new Proposed("twice as much as wanted", List.of(100, 100), List.of(), 4),
                new Proposed("a part of a pod is a pod", List.of(60, 60, 60), List.of(), 4),
                new Proposed("half of what is wanted", List.of(25, 25, 25, 25), List.of(), 2),
                new Proposed("within a tenth above", List.of(55, 55), List.of(), 2),
                new Proposed("beyond a tenth above", List.of(56, 56), List.of(), 3),
                new Proposed("within a tenth below", List.of(45, 45, 45, 45, 45, 45, 45, 45, 45, 45), List.of(), 10),
                new Proposed("beyond a tenth below", List.of(44, 44, 44, 44, 44, 44, 44, 44, 44, 44), List.of(), 9),
                new Proposed(
                        "those that start use nothing yet, so three are enough", List.of(150), List.of(STARTING), 3),
                new Proposed("the same while pending", List.of(150), List.of(PENDING), 3),
                new Proposed("what starts keeps it from growing", List.of(60), List.of(STARTING), 2),
                new Proposed("the silent use nothing where it would grow", List.of(150), List.of(SILENT), 3),
                new Proposed(
                        "the silent use what they should where it would shrink",
                        List.of(10, 10),
                        List.of(SILENT, SILENT),
                        3),
                new Proposed(
                        "those that start are left out where it would shrink",
                        List.of(10, 10),
                        List.of(STARTING, STARTING),
                        1),
                new Proposed("what has ended counts nowhere", List.of(100, 100), List.of(DONE), 4));
    }

    @ParameterizedTest
    @MethodSource("proposals")
    void proposes(Proposed given) throws MetricsUnavailable {
        var pods = new ArrayList<ObjectNode>();
        var usage = new HashMap<String, Long>();
        for (int used : given.used()) {
            usage.put("p" + pods.size(), (long) used);
            pods.add(pod("p" + pods.size(), SILENT));
        }
        for (String status : given.others()) {
            if (status.equals(STARTING)) {
                usage.put("p" + pods.size(), 1_000L);
            }
            pods.add(pod("p" + pods.size(), status));
        }
        int now = (int)
                (pods.size() - given.others().stream().filter(DONE::equals).count());

        assertThat(ReplicaMath.of(now, pods, usage, new ReplicaMath.Target("cpu", "", true, 50))
                        .replicas())
                .isEqualTo(given.replicas());
    }

    @Test
    void comparesAmountsWhereTheTargetIsOne() throws MetricsUnavailable {
        List<ObjectNode> pods = List.of(pod("p0", SILENT), pod("p1", STARTING));
        Map<String, Long> usage = Map.of("p0", 300L, "p1", 100L);

        var memory = ReplicaMath.of(2, pods, usage, new ReplicaMath.Target("memory", "", false, 100));
        assertThat(memory.current())
                .as("memory is used before a pod is ready too")
                .isEqualTo(200);
        assertThat(memory.ratio()).isEqualTo(2);
        assertThat(memory.replicas()).isEqualTo(4);
        var cpu = ReplicaMath.of(2, pods, usage, new ReplicaMath.Target("cpu", "", false, 100));
        assertThat(cpu.current()).isEqualTo(300);
    }

    @Test
    void saysThatNothingWasMeasured() {
        assertThat(catchThrowableOfType(
                                MetricsUnavailable.class,
                                () -> ReplicaMath.of(
                                        1,
                                        List.of(pod("p0", STARTING)),
                                        Map.of("p0", 9L),
                                        new ReplicaMath.Target("cpu", "", false, 1)))
                        .text())
                .isEqualTo("did not receive metrics for targeted pods (pods might be unready)");
    }

    private static ObjectNode pod(String name, String status) {
        return parse("{metadata: {name: " + name
                + "}, spec: {containers: [{name: c, resources: {requests: {cpu: 100m}}}]}, status: " + status + "}");
    }

    private static String missing(String container, String spec) {
        var target = new ReplicaMath.Target("cpu", container, true, 50);
        return catchThrowableOfType(
                        MetricsUnavailable.class,
                        () -> ReplicaMath.of(1, List.of(asking(spec)), Map.of("p", 300L), target))
                .text();
    }

    private static ObjectNode asking(String spec) {
        return parse("{metadata: {name: p}, spec: {" + spec
                + "}, status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}}");
    }
}
