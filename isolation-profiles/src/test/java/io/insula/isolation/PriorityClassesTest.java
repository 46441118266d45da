package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.isolation.Serving.NotServed;
import io.insula.tenantapi.api.Json;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Which priority a pod has on the host, tried on both walls.
class PriorityClassesTest {

    private static final List<?> GIVEN =
            List.of(Map.of("host", "urgent", "tenant", List.of("now", "pay.first")), Map.of("host", "batch"));
    private static final Map<String, ?> STRICT = Map.of("allowed", GIVEN);
    private static final Map<String, ?> LENIENT = Map.of("allowed", GIVEN, "others", "ignore");
    private static final String OWN = "insula-profile-p";

    /// @param priorities what the profile says; empty for nothing
    /// @param asked the tenant's class
    /// @param host what the pod has on the host; empty for one that is refused
    /// @param told the pod's note; empty for none
    record Case(Map<String, ?> priorities, String asked, String host, String told) {}

    static Stream<Object[]> cases() {
        var ignored = "spec.priorityClassName ignored on the host: it counts in the tenant only; no tenant's pod"
                + " preempts another's";
        var cases = List.of(
                new Case(Map.of(), "", OWN, ""),
                new Case(Map.of(), "urgent", OWN, ignored),
                new Case(STRICT, "", OWN, ""),
                new Case(
                        STRICT,
                        "now",
                        "insula-priority-p.urgent",
                        "spec.priorityClassName replaced by \"urgent\" of the shared cluster: the isolation profile says"
                                + " that \"now\" means it"),
                new Case(
                        STRICT,
                        "pay.first",
                        "insula-priority-p.urgent",
                        "spec.priorityClassName replaced by \"urgent\" of the shared cluster: the isolation profile says"
                                + " that \"pay.first\" means it"),
                new Case(
                        STRICT,
                        "batch",
                        "insula-priority-p.batch",
                        "spec.priorityClassName replaced by \"batch\" of the shared cluster: the isolation profile says"
                                + " that \"batch\" means it"),
                // the host's name is not the tenant's
                new Case(STRICT, "urgent", "", ""),
                new Case(STRICT, "system-node-critical", "", ""),
                new Case(STRICT, "insula-priority-p.urgent", "", ""),
                new Case(LENIENT, "system-node-critical", OWN, ignored),
                new Case(LENIENT, "insula-priority-p.urgent", OWN, ignored),
                new Case(Map.of("allowed", List.of()), "now", "", ""));
        return Beans.sandboxes().stream().flatMap(sandbox -> cases.stream().map(each -> new Object[] {sandbox, each}));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void areThoseThatTheProfileGives(Sandbox sandbox, Case each) {
        var translation = Beans.profiles()
                .translate(pod(each.asked()), TenantProfiles.only(settings(sandbox, each.priorities())));

        switch (translation.workload()) {
            case HostPod(var pod) ->
                assertThat(pod.getSpec().getPriorityClassName()).isEqualTo(each.host());
            case HostVirtualMachine(var machine, var _) ->
                assertThat(machine.<String>get("spec", "priorityClassName")).isEqualTo(each.host());
            case Unsupported refused -> {
                assertThat(each.host()).isEmpty();
                assertThat(refused.field()).isEqualTo("spec.priorityClassName");
                assertThat(refused.message())
                        .startsWith("\"" + each.asked() + "\" means no PriorityClass that the isolation profile gives");
            }
        }
        assertThat(translation.notes().stream()
                        .map(Note::text)
                        .filter(text -> text.startsWith("spec.priorityClassName")))
                .isEqualTo(each.told().isEmpty() ? List.of() : List.of(each.told()));
    }

    @Test
    void areNamedInTheRefusal() {
        assertThat(Beans.profiles()
                        .translate(pod("high"), TenantProfiles.only(settings(Beans.sandbox("runc"), STRICT)))
                        .workload())
                .isEqualTo(new Unsupported(
                        "spec.priorityClassName",
                        "\"high\" means no PriorityClass that the isolation profile gives (it gives: batch, now,"
                                + " pay.first)"));
    }

    /// Somebody with the syncer's credential writes the pod as it is.
    @ParameterizedTest
    @MethodSource("io.insula.isolation.Beans#sandboxesOfPods")
    void holdOnTheHost(Sandbox sandbox) {
        var settings = settings(sandbox, STRICT);
        var policy = new RenderedPolicy(HostPolicy.spec(settings, HostFacts.NONE));
        for (var name : settings.priorityClassNames().keySet()) {
            assertThat(refusals(policy, settings, name)).as(name).isEmpty();
        }
        for (var name : List.of("urgent", "batch", "now", "", "insula-profile-q", "insula-priority-q.urgent")) {
            assertThat(refusals(policy, settings, name))
                    .as(name)
                    .containsExactly("isolation profile \"p\": spec.priorityClassName: must be"
                            + " \"insula-priority-p.batch\" or \"insula-priority-p.urgent\" or \"insula-profile-p\", by"
                            + " which its quota knows it");
        }
    }

    @Test
    void holdOnTheHostForMachinesToo() {
        assertThat(HostPolicy.spec(settings(Beans.sandbox("kubevirt"), STRICT), HostFacts.NONE)
                        .toString())
                .contains("variables.spec.?priorityClassName.orValue(\"\") in [\"insula-priority-p.batch\","
                        + " \"insula-priority-p.urgent\", \"insula-profile-p\"]");
    }

    /// What another profile gives is nothing of this one's, however they are named.
    @Test
    void areNoOtherProfiles() {
        var spec = Map.of("sandbox", "runc", "priorityClasses", Map.of("allowed", List.of(Map.of("host", "c"))));
        assertThat(Beans.profiles().settings("a.b", spec).priorityClassNames())
                .containsExactlyInAnyOrderEntriesOf(Map.of("insula-profile-a.b", "", "insula-priority-a.b.c", "c"));
        assertThatThrownBy(() -> settings(Beans.sandbox("runc"), Map.of("allowed", List.of(Map.of("host", "b.c")))))
                .hasMessageContaining("without dots");
    }

    @Test
    void areMissedOnAHostThatHasNone() {
        var settings = settings(Beans.sandbox("runc"), STRICT);

        assertThat(Serving.of(settings, new Serving.Host(false, List.of(), List.of("batch"), List.of())))
                .isEqualTo(new NotServed(
                        "PriorityClassMissing",
                        "the shared cluster has no PriorityClass \"urgent\", which the profile gives"));
        assertThat(Serving.of(settings, new Serving.Host(false, List.of(), List.of("batch", "urgent"), List.of())))
                .isInstanceOfSatisfying(
                        NotServed.class, other -> assertThat(other.reason()).isEqualTo("NoNodes"));
    }

    @Test
    void areRefusedWhereTheyMeanNothing() {
        var name = "(expected: the name of a PriorityClass of the shared cluster, without dots and not beginning with"
                + " system- or insula-)";
        refused("urgent", "priorityClasses: \"urgent\" (expected: an object)");
        refused(Map.of("others", "drop"), "priorityClasses.others: \"drop\" (expected: one of refuse, ignore)");
        refused(Map.of("allowed", "urgent"), "priorityClasses.allowed: \"urgent\" (expected: a list)");
        refused(Map.of("allowed", List.of("urgent")), "priorityClasses.allowed[0]: \"urgent\" (expected: an object)");
        refused(Map.of("allowed", List.of(Map.of())), "priorityClasses.allowed[0].host: null " + name);
        for (var host : List.of("system-node-critical", "insula-profile-q", "A", "", "x".repeat(64))) {
            refused(
                    Map.of("allowed", List.of(Map.of("host", host))),
                    "priorityClasses.allowed[0].host: \"" + host + "\" " + name);
        }
        refused(
                Map.of("allowed", List.of(Map.of("host", "a"), Map.of("host", "a", "tenant", List.of()))),
                "priorityClasses.allowed[1].host: \"a\" (expected: each once)");
        refused(
                Map.of("allowed", List.of(Map.of("host", "a", "tenant", "b"))),
                "priorityClasses.allowed[0].tenant: \"b\" (expected: a list)");
        refused(
                Map.of("allowed", List.of(Map.of("host", "a", "tenant", List.of("x", "Y")))),
                "priorityClasses.allowed[0].tenant[1]: \"Y\" (expected: the name of a PriorityClass)");
        refused(
                Map.of("allowed", List.of(Map.of("host", "a"), Map.of("host", "b", "tenant", List.of("a")))),
                "priorityClasses.allowed[1].tenant[0]: \"a\" (expected: each once, or it would mean two classes)");
    }

    private static void refused(Object priorities, String message) {
        assertThatThrownBy(
                        () -> Beans.profiles().settings("p", Map.of("sandbox", "runc", "priorityClasses", priorities)))
                .hasMessage(message);
    }

    private static List<String> refusals(RenderedPolicy policy, ProfileSettings settings, String name) {
        var tree = written(settings);
        if (name.isEmpty()) {
            tree.withObject("/spec").remove("priorityClassName");
        } else {
            tree.withObject("/spec").put("priorityClassName", name);
        }
        return policy.refusals(tree, Map.of(HostPolicy.ALLOWED, "p"));
    }

    private static ObjectNode written(ProfileSettings settings) {
        var made = Beans.profiles()
                .translate(pod(""), TenantProfiles.only(settings))
                .workload();
        ObjectNode tree = Json.MAPPER.valueToTree(((HostPod) made).pod());
        tree.withObjectProperty("metadata").withObjectProperty("annotations").put(HostPolicy.PROFILE, "p");
        tree.withObjectProperty("spec").put("automountServiceAccountToken", false);
        return tree;
    }

    private static Pod pod(String priority) {
        return Yaml.pod("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i}]"
                + (priority.isEmpty() ? "" : ", priorityClassName: " + priority) + "}}");
    }

    private static ProfileSettings settings(Sandbox sandbox, Map<String, ?> priorities) {
        return Beans.profiles()
                .settings(
                        "p",
                        priorities.isEmpty()
                                ? Map.of("sandbox", sandbox.wireName())
                                : Map.of("sandbox", sandbox.wireName(), "priorityClasses", priorities));
    }
}
