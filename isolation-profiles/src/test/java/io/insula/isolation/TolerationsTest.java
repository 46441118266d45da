package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A tenant tries to reach nodes that are not for it by what its pods tolerate.
class TolerationsTest {

    private static final String HEALTH =
            "node.kubernetes.io/not-ready:NoExecute op=Exists," + " node.kubernetes.io/unreachable:NoExecute op=Exists";
    private static final String REASON = ": the isolation profile lets no other taint be tolerated";

    record Case(String name, String asked, String allowed, List<String> host, List<String> notes) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() {
        return List.of(
                new Case(
                        "everything",
                        "[{operator: Exists}]",
                        "",
                        List.of(HEALTH),
                        List.of("spec.tolerations[0] narrowed to " + HEALTH + REASON)),
                new Case(
                        "every taint that evicts",
                        "[{operator: Exists, effect: NoExecute, tolerationSeconds: 5}]",
                        "",
                        List.of(HEALTH.replace("Exists", "Exists for 5s")),
                        List.of("spec.tolerations[0] narrowed to " + HEALTH.replace("Exists", "Exists for 5s")
                                + REASON)),
                new Case(
                        "another customer's nodes",
                        "[{key: dedicated, operator: Equal, value: customerB, effect: NoSchedule}]",
                        "",
                        List.of(),
                        List.of("spec.tolerations[0] ignored" + REASON)),
                new Case(
                        "cordoned nodes",
                        "[{key: node.kubernetes.io/unschedulable, operator: Exists}]",
                        "",
                        List.of(),
                        List.of("spec.tolerations[0] ignored" + REASON)),
                new Case(
                        "what every pod tolerates",
                        "[{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 300}]",
                        "",
                        List.of("node.kubernetes.io/not-ready:NoExecute op=Exists for 300s"),
                        List.of()),
                new Case(
                        "every value of a key, where one is allowed",
                        "[{key: gpu, operator: Exists}]",
                        "[{key: gpu, operator: Equal, value: small, effect: NoSchedule}]",
                        List.of("gpu=small:NoSchedule"),
                        List.of("spec.tolerations[0] narrowed to gpu=small:NoSchedule" + REASON)),
                new Case(
                        "one value, where every is allowed",
                        "[{key: gpu, value: big, effect: NoSchedule}]",
                        "[{key: gpu, operator: Exists}]",
                        List.of("gpu=big:NoSchedule"),
                        List.of()),
                new Case(
                        "longer than is allowed",
                        "[{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute}]",
                        "[{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 60}]",
                        List.of("node.kubernetes.io/unreachable:NoExecute op=Exists for 60s"),
                        List.of("spec.tolerations[0] narrowed to"
                                + " node.kubernetes.io/unreachable:NoExecute op=Exists for 60s" + REASON)),
                new Case(
                        "nothing is allowed",
                        "[{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute}]",
                        "[]",
                        List.of(),
                        List.of("spec.tolerations[0] ignored" + REASON)));
    }

    static Stream<Object[]> casesInEverySandbox() {
        return Beans.sandboxes().stream()
                .flatMap(sandbox -> cases().stream().map(each -> new Object[] {sandbox, each}));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("casesInEverySandbox")
    void narrowsToWhatTheProfileAllowsAndTells(Sandbox sandbox, Case each) {
        var answer = translate(each.asked(), settings(sandbox, each.allowed(), false));

        assertThat(String.join(", ", names(answer.workload()))).isEqualTo(String.join(", ", each.host()));
        assertThat(answer.notes()).extracting(Note::text).isEqualTo(each.notes());
    }

    @ParameterizedTest
    @MethodSource("io.insula.isolation.Beans#sandboxes")
    void addsWhatTheNodePoolAsksAndLetsItBeNamed(Sandbox sandbox) {
        var pool = settings(sandbox, "", true);

        assertThat(names(translate("[]", pool).workload())).containsExactly("pool=metal:NoSchedule");
        assertThat(translate("[{key: pool, value: metal, effect: NoSchedule}]", pool)
                        .notes())
                .isEmpty();
        assertThat(names(translate("[{key: pool, operator: Exists}]", pool).workload()))
                .as("a node pool's selector does not open other nodes of its key")
                .containsExactly("pool=metal:NoSchedule");
    }

    @ParameterizedTest
    @MethodSource("io.insula.isolation.Beans#sandboxes")
    void keepsBothNodeSelectorsAndTheAffinity(Sandbox sandbox) {
        var pod = Yaml.pod("""
                metadata: {name: a}
                spec:
                  containers: [{name: c, image: i}]
                  nodeSelector: {disk: fast}
                  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [
                    {matchExpressions: [{key: zone, operator: In, values: [a]}]}]}}}
                """);

        var workload = Beans.profiles()
                .translate(pod, TenantProfiles.only(settings(sandbox, "", true)))
                .workload();

        switch (workload) {
            case HostPod(var host) -> {
                assertThat(host.getSpec().getNodeSelector()).isEqualTo(Map.of("disk", "fast", "pool", "metal"));
                assertThat(host.getSpec().getAffinity()).isEqualTo(pod.getSpec().getAffinity());
            }
            case HostVirtualMachine(var machine, var _) -> {
                assertThat(machine.<Map<String, String>>get("spec", "nodeSelector"))
                        .isEqualTo(Map.of("disk", "fast", "pool", "metal"));
                assertThat(machine.<Object>get("spec", "affinity"))
                        .isEqualTo(pod.getSpec().getAffinity());
            }
            case Unsupported refused -> throw new AssertionError(refused);
        }
    }

    @ParameterizedTest
    @MethodSource("io.insula.isolation.Beans#sandboxes")
    void refusesAnotherPoolByLabel(Sandbox sandbox) {
        var pod = Yaml.pod("metadata: {name: a}\n"
                + "spec: {containers: [{name: c, image: i}], nodeSelector: {pool: customer-b}}");

        assertThat(Beans.profiles()
                        .translate(pod, TenantProfiles.only(settings(sandbox, "", true)))
                        .workload())
                .isEqualTo(new Unsupported(
                        "spec.nodeSelector[pool]", "the isolation profile fixes this label to \"metal\""));
    }

    static List<String> meaningless() {
        return List.of(
                "[{key: a, operator: Gt, value: '5'}]",
                "[{key: a, operator: exists}]",
                "[{value: a}]",
                "[{operator: Exists, value: a}]",
                "[{key: a, operator: Exists, effect: Everything}]",
                "[{key: a, operator: Exists, effect: NoSchedule, tolerationSeconds: 4}]");
    }

    @ParameterizedTest
    @MethodSource("meaningless")
    void refusesWhatItCannotRead(String tolerations) {
        assertThat(translate(tolerations, settings(Beans.sandbox("runc"), "", false))
                        .workload())
                .isInstanceOfSatisfying(
                        Unsupported.class,
                        refused -> assertThat(refused.field()).startsWith("spec.tolerations[0]."));
        assertThatThrownBy(() -> settings(Beans.sandbox("runc"), tolerations, false))
                .hasMessageStartingWith("tolerations.allowed[0].");
    }

    /// The host's scheduler asks taint by taint, so that is how the result is checked.
    @Test
    void neverToleratesATaintThatIsNotAllowed() {
        long seed = Long.getLong("insula.fuzz.seed", new Random().nextLong());
        System.out.println("TolerationsTest seed " + seed);
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            var allowed =
                    random.ints(3, 0, 1 << 16).mapToObj(TolerationsTest::any).toList();
            var asked =
                    random.ints(2, 0, 1 << 16).mapToObj(TolerationsTest::any).toList();
            var settings = Beans.profiles()
                    .settings(
                            "p",
                            Map.of(
                                    "sandbox",
                                    "runc",
                                    "tolerations",
                                    Map.of(
                                            "allowed",
                                            allowed.stream()
                                                    .map(TolerationsTest::tree)
                                                    .toList())));
            var spec = Yaml.pod("metadata: {name: a}\nspec: {containers: []}").getSpec();
            spec.setTolerations(asked);
            var host = Tolerations.narrow(spec, settings).tolerations();
            for (var key : List.of("a", "b")) {
                for (var value : List.of("x", "y")) {
                    for (var effect : List.of("NoSchedule", "PreferNoSchedule", "NoExecute")) {
                        var taint = new Taint(effect, key, null, value);
                        assertThat(tolerated(taint, host))
                                .as("seed %s, %s of %s where %s is allowed: %s", seed, taint, asked, allowed, host)
                                .isEqualTo(tolerated(taint, asked) && tolerated(taint, allowed));
                    }
                }
            }
        }
    }

    private static boolean tolerated(Taint taint, List<Toleration> tolerations) {
        return tolerations.stream()
                .anyMatch(each -> (each.getEffect() == null || each.getEffect().equals(taint.getEffect()))
                        && (each.getKey() == null || each.getKey().equals(taint.getKey()))
                        && ("Exists".equals(each.getOperator()) || Objects.equals(each.getValue(), taint.getValue())));
    }

    private static Toleration any(int bits) {
        boolean exists = (bits & 1) == 0;
        var toleration = new Toleration();
        toleration.setOperator(exists ? "Exists" : "Equal");
        toleration.setKey(exists && (bits & 6) == 0 ? null : (bits & 2) == 0 ? "a" : "b");
        toleration.setValue(exists ? null : (bits & 8) == 0 ? "x" : "y");
        toleration.setEffect(
                new @Nullable String[] {null, "NoSchedule", "PreferNoSchedule", "NoExecute"}[(bits >> 4) & 3]);
        return toleration;
    }

    private static Map<?, ?> tree(Toleration toleration) {
        return Yaml.read(Yaml.write(toleration), Map.class);
    }

    private static List<String> names(HostWorkload workload) {
        List<Toleration> tolerations = switch (workload) {
            case HostPod(var pod) -> pod.getSpec().getTolerations();
            case HostVirtualMachine(var machine, var _) ->
                Objects.requireNonNullElse(machine.get("spec", "tolerations"), List.of());
            case Unsupported refused -> throw new AssertionError(refused);
        };
        return tolerations.stream().map(each -> Taints.of(each).toString()).toList();
    }

    private static ProfileSettings settings(Sandbox sandbox, String allowed, boolean pool) {
        var text = "sandbox: " + sandbox.wireName() + "\n"
                + (allowed.isEmpty() ? "" : "tolerations: {allowed: " + allowed + "}\n")
                + (pool
                        ? "nodePool: {selector: {pool: metal},"
                                + " tolerations: [{key: pool, value: metal, effect: NoSchedule}]}\n"
                        : "");
        Map<String, ?> spec = Yaml.tree(text);
        return Beans.profiles().settings("p", spec);
    }

    private static Translation translate(String tolerations, ProfileSettings settings) {
        var pod = Yaml.pod("metadata: {name: a}\n" + "spec: {containers: [{name: c, image: i}], tolerations: "
                + tolerations + "}");
        return Beans.profiles().translate(pod, TenantProfiles.only(settings));
    }
}
