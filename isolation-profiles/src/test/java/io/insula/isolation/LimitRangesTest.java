package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.tenantapi.api.Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a container and a pod may ask for.
class LimitRangesTest {

    private static final Map<String, ?> SOME = Map.of(
            "container",
            Map.of("min", Map.of("cpu", "50m"), "max", Map.of("cpu", "2", "memory", "1Gi")),
            "pod",
            Map.of("max", Map.of("cpu", 3)));

    /// @param field the one that is refused; empty for a pod that runs
    record Case(String spec, String field, boolean host) {}

    static Stream<Object[]> cases() {
        var cases = List.of(
                new Case(containers("{}"), "", true),
                new Case(containers("{limits: {cpu: '2', memory: 1Gi}}"), "", true),
                new Case(containers("{requests: {cpu: 50m}}"), "", true),
                new Case(containers("{limits: {cpu: '2'}}", "{limits: {cpu: '1'}}"), "", true),
                new Case(containers("{limits: {cpu: 2001m}}"), "spec.containers[0].resources.limits[cpu]", true),
                new Case(
                        containers("{}", "{limits: {memory: 1025Mi}}"),
                        "spec.containers[1].resources.limits[memory]",
                        true),
                new Case(containers("{requests: {cpu: 49m}}"), "spec.containers[0].resources.requests[cpu]", true),
                new Case(
                        "initContainers: [{name: i, image: i, resources: {limits: {cpu: '4'}}}], " + containers("{}"),
                        "spec.initContainers[0].resources.limits[cpu]",
                        true),
                new Case(
                        "resources: {limits: {cpu: '4'}}, " + containers("{}"),
                        "spec.containers[0].resources.requests[cpu]",
                        true),
                // the namespace's LimitRange adds up on the host
                new Case(
                        containers("{limits: {cpu: '2'}}", "{limits: {cpu: 1001m}}"),
                        "spec.resources.limits[cpu]",
                        false));
        return cases.stream().map(each -> new Object[] {each});
    }

    @ParameterizedTest
    @MethodSource("cases")
    void holdInTheTranslation(Case each) {
        for (var sandbox : Beans.sandboxes()) {
            var workload = translated(settings(sandbox, SOME), each.spec());

            if (each.field().isEmpty()) {
                assertThat(workload).as(sandbox + ": " + workload).isNotInstanceOf(Unsupported.class);
            } else {
                assertThat(workload)
                        .isInstanceOfSatisfying(
                                Unsupported.class,
                                refused -> assertThat(refused.field()).isEqualTo(each.field()));
            }
        }
    }

    /// Somebody with the syncer's credential writes what another profile would have made.
    @ParameterizedTest
    @MethodSource("cases")
    void holdOnTheHost(Case each) {
        for (var sandbox : Beans.sandboxesOfPods()) {
            var policy = new RenderedPolicy(HostPolicy.spec(settings(sandbox, SOME), HostFacts.NONE));
            var made = (HostPod) translated(settings(sandbox, Map.of()), each.spec());

            var said = policy.refusals(completed(made), Map.of(HostPolicy.ALLOWED, "p"));

            if (each.field().isEmpty() || !each.host()) {
                assertThat(said).isEmpty();
            } else {
                assertThat(said)
                        .isNotEmpty()
                        .allMatch(text -> text.contains("the isolation profile gives a container at"));
            }
        }
    }

    @Test
    void countAMachinesOverheadOnTop() {
        var rules = HostPolicy.spec(settings(Beans.sandbox("kubevirt"), SOME), HostFacts.NONE)
                .toString();

        // 3 and the sandbox's 100m
        assertThat(rules).contains("at most 3100m, its overhead included", "compareTo(quantity(\"3100m\")) <= 0");
    }

    @Test
    void sayTheirNumbers() {
        var workload = translated(settings(Beans.sandbox("runc"), SOME), containers("{limits: {cpu: '4'}}"));

        assertThat(((Unsupported) workload).message())
                .isEqualTo("is 4000m, and the isolation profile gives a container at most 2");
    }

    @Test
    void areRefusedWhereTheyMeanNothing() {
        refused("2", "limitRange: \"2\" (expected: an object)");
        refused(Map.of("node", Map.of()), "limitRange: \"node\" (expected: of container, pod)");
        refused(Map.of("pod", Map.of("most", Map.of())), "limitRange.pod: \"most\" (expected: of min, max)");
        refused(
                Map.of("pod", Map.of("max", Map.of("gpu", 1))),
                "limitRange.pod.max: \"gpu\" (expected: of cpu, memory)");
        for (Object amount : List.of("much", "0", "-1", 0, true)) {
            refused(
                    Map.of("pod", Map.of("max", Map.of("cpu", amount))),
                    "limitRange.pod.max.cpu: \"" + amount + "\" (expected: a quantity > 0)");
        }
        refused(
                Map.of("container", Map.of("min", Map.of("cpu", "3"), "max", Map.of("cpu", "2"))),
                "limitRange.container.max.cpu: \"2\" (expected: at least min, 3)");
        refused(
                Map.of("container", Map.of("max", Map.of("cpu", "99m"))),
                "limitRange.container.max.cpu: \"99m\" (expected: at least 100m, which a container has by default)");
        refused(
                Map.of("pod", Map.of("min", Map.of("memory", "129Mi"))),
                "limitRange.pod.min.memory: \"129Mi\" (expected: at most 128Mi, which a container has by default)");
        assertThatThrownBy(() -> Beans.profiles()
                        .settings(
                                "p",
                                Map.of(
                                        "sandbox",
                                        "runc",
                                        "resources",
                                        Map.of("mode", "burstable", "maxRatio", 4),
                                        "limitRange",
                                        Map.of("container", Map.of("max", Map.of("cpu", "300m"))))))
                .hasMessage("limitRange.container.max.cpu: \"300m\" (expected: at least 400m, which a container has by"
                        + " default)");
    }

    private static void refused(Object range, String message) {
        assertThatThrownBy(() -> settings(Beans.sandbox("runc"), range)).hasMessage(message);
    }

    private static String containers(String... resources) {
        var all = new StringBuilder("containers: [");
        for (int i = 0; i < resources.length; i++) {
            all.append(i == 0 ? "" : ", ")
                    .append("{name: c" + i + ", image: i, resources: ")
                    .append(resources[i])
                    .append('}');
        }
        return all.append(']').toString();
    }

    private static HostWorkload translated(ProfileSettings settings, String spec) {
        return Beans.profiles()
                .translate(Yaml.pod("{metadata: {name: a}, spec: {" + spec + "}}"), TenantProfiles.only(settings))
                .workload();
    }

    private static ObjectNode completed(HostPod made) {
        ObjectNode tree = Json.MAPPER.valueToTree(made.pod());
        tree.withObjectProperty("metadata").withObjectProperty("annotations").put(HostPolicy.PROFILE, "p");
        tree.withObjectProperty("spec").put("automountServiceAccountToken", false);
        return tree;
    }

    private static ProfileSettings settings(Sandbox sandbox, Object range) {
        var spec = new HashMap<String, Object>(Map.of("sandbox", sandbox.wireName()));
        spec.put("limitRange", range);
        return Beans.profiles().settings("p", spec);
    }
}
