package io.insula.tenantapi.controllers.autoscaling;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
