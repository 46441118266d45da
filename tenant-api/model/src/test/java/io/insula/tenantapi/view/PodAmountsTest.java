package io.insula.tenantapi.view;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.insula.rules.resources.Amounts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The cases of upstream's own tests, one by one. Source: kubernetes/component-helpers, `resource/helpers_test.go` of
/// Kubernetes 1.34: `TestPodRequestsAndLimits`, `TestPodRequestsAndLimitsWithoutOverhead`, `TestPodResourceRequests`,
/// `TestPodResourceLimits`, `TestPodLevelResourceRequests`, `TestAggregateContainerRequestsAndLimits`.
class PodAmountsTest {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final String INFEASIBLE =
            "conditions: [{type: PodResizePending, status: 'True', reason: Infeasible}]";

    /// @param spec of the pod; `R(x)` stands for a container with these requests, `L(x)` for one with these
    ///     limits, `S(x)` for a restartable init container with these requests, `SL(x)` likewise with limits
    record Case(String name, String spec, String status, String want) {
        @Override
        public String toString() {
            return name;
        }

        PodView pod() {
            return PodView.of(yaml("{spec: {" + written(spec) + "}, status: {" + status + "}}"));
        }

        private static String written(String spec) {
            return spec.replaceAll("\\bSL\\(([^)]*)\\)", "{restartPolicy: Always, resources: {limits: {$1}}}")
                    .replaceAll("\\bS\\(([^)]*)\\)", "{restartPolicy: Always, resources: {requests: {$1}}}")
                    .replaceAll("\\bR\\(([^)]*)\\)", "{resources: {requests: {$1}}}")
                    .replaceAll("\\bL\\(([^)]*)\\)", "{resources: {limits: {$1}}}");
        }
    }

    static Stream<Case> requests() {
        String one = "containers: [{name: c, resources: {requests: {cpu: %s}}}]";
        String sidecar = "initContainers: [{name: s, restartPolicy: Always, resources: {requests: {cpu: %s}}}]";
        return Stream.of(
                asked("only a limit", "containers: [L(cpu: 9)], initContainers: [L(cpu: 9)]", ""),
                asked("only overhead", "containers: [R()], overhead: {cpu: 5, memory: 5}", "cpu: 5, memory: 5"),
                asked(
                        "requests and overhead",
                        "containers: [R(cpu: 1, memory: 10)], initContainers: [R(cpu: 1, memory: 10)],"
                                + " overhead: {cpu: 5, memory: 5}",
                        "cpu: 6, memory: 15"),
                asked("larger init container", "initContainers: [R(cpu: 4)], containers: [R(cpu: 1)]", "cpu: 4"),
                asked("larger containers", "initContainers: [R(cpu: 2)], containers: [R(cpu: 2), R(cpu: 3)]", "cpu: 5"),
                asked(
                        "pod overhead included",
                        "initContainers: [R(cpu: 2)], containers: [R(cpu: 2), R(cpu: 3)],"
                                + " overhead: {cpu: 1, memory: 1Gi}",
                        "cpu: 6, memory: 1Gi"),
                new Case(
                        "resized, infeasible",
                        one.formatted(4),
                        INFEASIBLE + ", containerStatuses: [{name: c, resources: {requests: {cpu: 2}}}]",
                        "cpu: 2"),
                new Case(
                        "resized, infeasible and in progress",
                        one.formatted(6),
                        INFEASIBLE + ", containerStatuses: [{name: c, allocatedResources: {cpu: 4},"
                                + " resources: {requests: {cpu: 2}}}]",
                        "cpu: 4"),
                new Case(
                        "resized, no resize status",
                        one.formatted(4),
                        "containerStatuses: [{name: c, resources: {requests: {cpu: 2}}}]",
                        "cpu: 4"),
                new Case(
                        "resized: the most of three, resource by resource",
                        "containers: [{name: c, resources: {requests: {cpu: 30m, memory: 20M,"
                                + " ephemeral-storage: 10G}}}]",
                        "containerStatuses: [{name: c, allocatedResources: {cpu: 20m, memory: 10M,"
                                + " ephemeral-storage: 30G}, resources: {requests: {cpu: 10m, memory: 30M,"
                                + " ephemeral-storage: 20G}}}]",
                        "cpu: 30m, memory: 30M, ephemeral-storage: 30G"),
                new Case(
                        "resized, restartable init container, infeasible",
                        sidecar.formatted(4),
                        INFEASIBLE + ", initContainerStatuses: [{name: s, resources: {requests: {cpu: 2}}}]",
                        "cpu: 2"),
                new Case(
                        "resized, restartable init container, no resize status",
                        sidecar.formatted(4),
                        "initContainerStatuses: [{name: s, resources: {requests: {cpu: 2}}}]",
                        "cpu: 4"),
                asked("restartable init container", "initContainers: [S(cpu: 1)], containers: [R(cpu: 1)]", "cpu: 2"),
                asked(
                        "several restartable init containers",
                        "initContainers: [R(cpu: 5), S(cpu: 1), S(cpu: 2), S(cpu: 3)], containers: [R(cpu: 1)]",
                        "cpu: 7"),
                asked(
                        "several restartable and regular init containers",
                        "initContainers: [R(cpu: 5), S(cpu: 1), S(cpu: 2), R(cpu: 5), S(cpu: 3)],"
                                + " containers: [R(cpu: 1)]",
                        "cpu: 8"),
                asked(
                        "restartable init, init and regular",
                        "initContainers: [S(cpu: 10), R(cpu: 200)], containers: [R(cpu: 100)]",
                        "cpu: 210"),
                asked("nothing", "containers: []", ""),
                asked("pod level memory", "resources: {requests: {memory: 2Mi}}", "memory: 2Mi"),
                asked(
                        "pod level memory and container level cpu",
                        "resources: {requests: {memory: 2Mi}}, containers: [R(cpu: 2m)]",
                        "memory: 2Mi, cpu: 2m"),
                asked(
                        "unsupported at both levels",
                        "resources: {requests: {storage: 2Mi}}, containers: [R(storage: 3Mi)]",
                        "storage: 3Mi"),
                asked(
                        "unsupported at pod level",
                        "resources: {requests: {storage: 2Mi}}, containers: [R(memory: 3Mi)]",
                        "memory: 3Mi"),
                asked(
                        "both levels",
                        "resources: {requests: {memory: 6Mi, cpu: 8m}}, containers: [R(memory: 3Mi, cpu: 2m)]",
                        "memory: 6Mi, cpu: 8m"),
                asked(
                        "container level and init container",
                        "containers: [R(memory: 3Mi, cpu: 2m)], initContainers: [R(memory: 5Mi, cpu: 4m)]",
                        "memory: 5Mi, cpu: 4m"),
                asked(
                        "container level and sidecar",
                        "containers: [R(memory: 3Mi, cpu: 2m)], initContainers: [S(memory: 5Mi, cpu: 4m)]",
                        "memory: 8Mi, cpu: 6m"),
                asked(
                        "container level, init container and sidecar",
                        "containers: [R(memory: 3Mi, cpu: 2m)],"
                                + " initContainers: [S(memory: 5Mi, cpu: 4m), R(memory: 6Mi, cpu: 8m)]",
                        "memory: 11Mi, cpu: 12m"),
                asked(
                        "all levels, init container and sidecar",
                        "resources: {requests: {memory: 15Mi, cpu: 18m}}, containers: [R(memory: 3Mi, cpu: 2m)],"
                                + " initContainers: [S(memory: 5Mi, cpu: 4m), R(memory: 6Mi, cpu: 8m)]",
                        "memory: 15Mi, cpu: 18m"),
                asked(
                        "huge pages of the pod",
                        "resources: {requests: {memory: 10Mi, hugepages-2Mi: 2Mi}, limits: {hugepages-2Mi: 2Mi}}",
                        "memory: 10Mi, hugepages-2Mi: 2Mi"),
                asked(
                        "huge pages of the pod over a container's",
                        "resources: {requests: {cpu: 1, hugepages-2Mi: 10Mi}}, containers: [R(hugepages-2Mi: 6Mi)]",
                        "cpu: 1, hugepages-2Mi: 10Mi"),
                asked(
                        "huge pages of different sizes at both levels",
                        "resources: {requests: {cpu: 1, hugepages-2Mi: 10Mi}},"
                                + " containers: [R(memory: 4Mi, hugepages-1Gi: 1Gi)]",
                        "cpu: 1, memory: 4Mi, hugepages-2Mi: 10Mi, hugepages-1Gi: 1Gi"),
                new Case(
                        "nothing asked, but a status",
                        "containers: [{name: c}]",
                        "containerStatuses: [{name: c, resources: {requests: {cpu: 2}}}]",
                        "cpu: 2"),
                new Case(
                        "a sidecar that asks nothing, but a status",
                        "initContainers: [{name: s, restartPolicy: Always}]",
                        "initContainerStatuses: [{name: s, resources: {requests: {cpu: 2}}}]",
                        "cpu: 2"),
                // not upstream's: a container that has ended is not resized
                new Case(
                        "the status of an init container",
                        "initContainers: [{name: i, resources: {requests: {cpu: 1}}}]",
                        "initContainerStatuses: [{name: i, resources: {requests: {cpu: 2}}}]",
                        "cpu: 1"));
    }

    static Stream<Case> limits() {
        return Stream.of(
                asked("only a limit", "containers: [L(cpu: 9)], initContainers: [L(cpu: 9)]", "cpu: 9"),
                asked("only overhead", "containers: [R()], overhead: {cpu: 5, memory: 5}", ""),
                asked(
                        "requests, limits and overhead",
                        "containers: [L(cpu: 2, memory: 12)], initContainers: [L(cpu: 2, memory: 12)],"
                                + " overhead: {cpu: 5, memory: 5}",
                        "cpu: 7, memory: 17"),
                asked("some limits and overhead", "containers: [L(cpu: 2)], overhead: {cpu: 5, memory: 5}", "cpu: 7"),
                // upstream's rule, without a case of its own there
                asked("a limit of nothing and overhead", "containers: [L(cpu: 0)], overhead: {cpu: 5}", "cpu: 0"),
                asked("larger init container", "initContainers: [L(cpu: 4)], containers: [L(cpu: 1)]", "cpu: 4"),
                asked("larger containers", "initContainers: [L(cpu: 2)], containers: [L(cpu: 2), L(cpu: 3)]", "cpu: 5"),
                asked("no limited containers", "containers: [{}]", ""),
                asked(
                        "one limited and one unlimited container",
                        "containers: [L(cpu: 2, memory: 2Gi), {}]",
                        "cpu: 2, memory: 2Gi"),
                asked(
                        "one limited and one unlimited init container",
                        "initContainers: [L(cpu: 2, memory: 2Gi), {}], containers: [L(cpu: 1, memory: 1Gi)]",
                        "cpu: 2, memory: 2Gi"),
                asked("restartable init container", "initContainers: [SL(cpu: 1)], containers: [L(cpu: 1)]", "cpu: 2"),
                asked(
                        "several restartable and regular init containers",
                        "initContainers: [L(cpu: 5), SL(cpu: 1), SL(cpu: 2), L(cpu: 5), SL(cpu: 3)],"
                                + " containers: [L(cpu: 1)]",
                        "cpu: 8"),
                scaled("scaled up", "2Gi", "1Gi", "", "2Gi"),
                scaled("scaled down", "1Gi", "2Gi", "", "2Gi"),
                scaled("scaled up, infeasible", "2Gi", "1Gi", INFEASIBLE, "1Gi"),
                new Case(
                        "scaled down with restartable init containers",
                        "initContainers: [{name: s, restartPolicy: Always, resources: {limits: {memory: 1Gi}}}]",
                        "initContainerStatuses: [{name: s, resources: {limits: {memory: 2Gi}}}]",
                        "memory: 2Gi"),
                new Case(
                        "what is set aside is no limit",
                        "containers: [{name: c}]",
                        "containerStatuses: [{name: c, allocatedResources: {cpu: 4}, resources: {requests: {cpu: 2}}}]",
                        ""));
    }

    /// What the spec alone says, without overhead.
    static Stream<Case> specs() {
        String two = "containers: [R(cpu: 1, memory: 5), R(cpu: 4, memory: 12)]";
        return Stream.of(
                asked("two containers", two, "cpu: 5, memory: 17"),
                asked("with overhead", two + ", overhead: {cpu: 3, memory: 8}", "cpu: 5, memory: 17"),
                asked(
                        "with overhead and massive init",
                        two + ", overhead: {cpu: 3, memory: 8},"
                                + " initContainers: [R(cpu: 1, memory: 5), R(cpu: 40, memory: 120)]",
                        "cpu: 40, memory: 120"),
                new Case(
                        "resized, infeasible, but the status is not asked",
                        "containers: [{name: c, resources: {requests: {cpu: 4}}}]",
                        INFEASIBLE + ", containerStatuses: [{name: c, resources: {requests: {cpu: 2}}}]",
                        "cpu: 4"));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void sumsWhatANodeHoldsForThePod(Case test) {
        assertThat(test.pod().heldRequests()).isEqualTo(amounts(test.want()));
    }

    @ParameterizedTest
    @MethodSource("limits")
    void sumsWhatThePodMayUse(Case test) {
        assertThat(test.pod().heldLimits()).isEqualTo(amounts(test.want()));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void sumsWhatTheSpecSays(Case test) {
        assertThat(test.pod().spec().requests()).isEqualTo(amounts(test.want()));
        var limits = new Case(test.name(), test.spec().replace("R(", "L(").replace("requests", "limits"), "", "");
        assertThat(limits.pod().spec().limits()).isEqualTo(amounts(test.want()));
    }

    private static Case asked(String name, String spec, String want) {
        return new Case(name, spec, "", want);
    }

    private static Case scaled(String name, String wanted, String inForce, String condition, String want) {
        String statuses = "containerStatuses: [{name: c, resources: {limits: {memory: " + inForce + "}}}]";
        return new Case(
                name,
                "containers: [{name: c, resources: {limits: {memory: " + wanted + "}}}]",
                condition.isEmpty() ? statuses : condition + ", " + statuses,
                "memory: " + want);
    }

    private static Amounts amounts(String list) {
        return Amounts.of(yaml("{" + list + "}"));
    }

    private static JsonNode yaml(String text) {
        try {
            return YAML.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
