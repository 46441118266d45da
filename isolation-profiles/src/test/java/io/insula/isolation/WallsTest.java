package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What no setting of a profile, and nothing that a tenant writes, may loosen.
class WallsTest {

    /// The node's kernel is shared, so baseline holds whatever level the profile has.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            securityContext: {capabilities: {add: [SYS_ADMIN]}} | spec.containers[0].securityContext.capabilities.add
            securityContext: {seccompProfile: {type: Unconfined}} | spec.containers[0].securityContext.seccompProfile.type
            """)
    void holdsRuncToBaselineWhateverTheProfileSays(String container, String field) {
        var loose = Map.of("podSecurity", "privileged");

        assertThat(translate(Beans.sandbox("runc"), loose, container, ""))
                .isInstanceOfSatisfying(
                        Unsupported.class,
                        refused -> assertThat(refused.field()).isEqualTo(field));
        assertThat(translate(Beans.sandbox("kata"), loose, container, ""))
                .as("a kernel of its own stands it")
                .isInstanceOf(HostPod.class);
    }

    static Stream<Object[]> podsOfNodes() {
        return Beans.sandboxesOfPods().stream()
                .flatMap(sandbox -> Stream.of(
                                "appArmorProfile: {type: Unconfined}",
                                "seLinuxOptions: {type: spc_t}",
                                "seLinuxOptions: {user: system_u}",
                                "seLinuxOptions: {role: system_r}")
                        .map(context -> new Object[] {sandbox, context}));
    }

    @ParameterizedTest
    @MethodSource("podsOfNodes")
    void keepsTheNodesConfinementOfEverySandbox(Sandbox sandbox, String context) {
        var loose = Map.of("podSecurity", "privileged");
        var inner = "securityContext: {" + context + "}";

        assertThat(translate(sandbox, loose, inner, ""))
                .isInstanceOfSatisfying(
                        Unsupported.class,
                        refused -> assertThat(refused.field()).startsWith("spec.containers[0].securityContext."));
        assertThat(translate(sandbox, loose, "", inner))
                .isInstanceOfSatisfying(
                        Unsupported.class,
                        refused -> assertThat(refused.field()).startsWith("spec.securityContext."));
    }

    /// The kubelet calls it from the node's network.
    @ParameterizedTest
    @MethodSource("io.insula.isolation.Beans#sandboxes")
    void letsNoProbeOrHookCallAnotherHost(Sandbox sandbox) {
        var loose = Map.of("podSecurity", "privileged");
        for (var handler :
                List.of("httpGet: {host: 169.254.169.254, port: 80}", "tcpSocket: {host: 10.0.0.1, port: 1}")) {
            for (var probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
                assertThat(field(translate(sandbox, loose, probe + ": {" + handler + "}", "")))
                        .startsWith("spec.containers[0]." + probe)
                        .endsWith(".host");
            }
            assertThat(field(translate(sandbox, loose, "lifecycle: {preStop: {" + handler + "}}", "")))
                    .startsWith("spec.containers[0].lifecycle.preStop.")
                    .endsWith(".host");
        }
    }

    @ParameterizedTest
    @MethodSource("io.insula.isolation.Beans#sandboxes")
    void takesNoOverheadFromATenant(Sandbox sandbox) {
        var answer = translate(sandbox, Map.of(), "", "overhead: {cpu: '0', memory: '0'}");

        switch (answer) {
            case HostPod(var pod) -> assertThat(pod.getSpec().getOverhead()).isEmpty();
            case HostVirtualMachine(var machine, var data) -> {
                assertThat(machine.<Object>get("spec", "overhead")).isNull();
                assertThat(data.getStringData().get("userdata")).doesNotContain("overhead");
                assertThat(Held.of(answer, ProfileSettings.of("p", sandbox), "memory"))
                        .isEqualByComparingTo(String.valueOf((128 + 384) * 1024 * 1024));
            }
            case Unsupported refused -> throw new AssertionError(refused);
        }
    }

    /// On the host a pod is as important as its profile says, whatever it is in its tenant.
    @ParameterizedTest
    @MethodSource("io.insula.isolation.Beans#sandboxes")
    void takesNoPriorityFromATenant(Sandbox sandbox) {
        var answer = translate(
                sandbox,
                Map.of(),
                "",
                "priorityClassName: system-node-critical, priority: 2000001000, preemptionPolicy: PreemptLowerPriority");

        switch (answer) {
            case HostPod(var pod) -> {
                assertThat(pod.getSpec().getPriorityClassName())
                        .isEqualTo(ProfileSettings.of("p", sandbox).priorityClassName());
                assertThat(pod.getSpec().getPriority()).isNull();
                assertThat(pod.getSpec().getPreemptionPolicy()).isNull();
            }
            case HostVirtualMachine(var machine, var _) ->
                assertThat(machine.toString()).doesNotContain("system-node-critical", "2000001000", "PreemptLower");
            case Unsupported refused -> throw new AssertionError(refused);
        }
    }

    record Local(String context, String field) {}

    static Stream<Object[]> localhost() {
        var cases = List.of(
                new Local("seccompProfile: {type: Localhost, localhostProfile: ../../x}", "localhostProfile"),
                new Local("seccompProfile: {type: Localhost, localhostProfile: a/../../x}", "localhostProfile"),
                new Local("seccompProfile: {type: Localhost, localhostProfile: a/..}", "localhostProfile"),
                new Local("seccompProfile: {type: Localhost, localhostProfile: /etc/x}", "localhostProfile"),
                new Local("seccompProfile: {type: Localhost}", "localhostProfile"),
                new Local("seccompProfile: {type: RuntimeDefault, localhostProfile: x}", "localhostProfile"),
                new Local("appArmorProfile: {type: Localhost, localhostProfile: ../../x}", "localhostProfile"),
                new Local("appArmorProfile: {type: Localhost, localhostProfile: /x}", "localhostProfile"),
                new Local("appArmorProfile: {type: Localhost, localhostProfile: ' '}", "localhostProfile"));
        return Beans.sandboxes().stream().flatMap(sandbox -> cases.stream().map(each -> new Object[] {sandbox, each}));
    }

    @ParameterizedTest
    @MethodSource("localhost")
    void refusesLocalhostProfilesThatLeadOutOfTheirFolder(Sandbox sandbox, Local each) {
        var allowing = Map.of("localhostProfiles", true, "podSecurity", "privileged");
        var inner = "securityContext: {" + each.context() + "}";

        assertThat(field(translate(sandbox, allowing, inner, "")))
                .startsWith("spec.containers[0].securityContext.")
                .endsWith(each.field());
        assertThat(field(translate(sandbox, allowing, "", inner)))
                .startsWith("spec.securityContext.")
                .endsWith(each.field());
    }

    @ParameterizedTest
    @MethodSource("io.insula.isolation.Beans#sandboxes")
    void takesLocalhostProfilesOnlyWhereTheProfileSays(Sandbox sandbox) {
        var seccomp = "securityContext: {seccompProfile: {type: Localhost, localhostProfile: audit..d/x.json}}";
        var appArmor = "securityContext: {appArmorProfile: {type: Localhost, localhostProfile: x}}";

        for (var context : List.of(seccomp, appArmor)) {
            assertThat(field(translate(sandbox, Map.of(), context, ""))).endsWith("Profile.type");
            assertThat(translate(sandbox, Map.of("localhostProfiles", true), context, ""))
                    .isNotInstanceOf(Unsupported.class);
        }
    }

    @Test
    void refusesProfilesThatWouldLoosenTheirSandbox() {
        assertThatThrownBy(() -> settings(Beans.sandbox("runc"), Map.of("seccomp", "Unconfined")))
                .hasMessage("seccomp: \"Unconfined\" (expected: RuntimeDefault, or empty)");
        assertThatThrownBy(() ->
                        settings(Beans.sandbox("runc"), Map.of("resources", Map.of("defaults", Map.of("cpu", "0")))))
                .hasMessage("resources.defaults.cpu: \"0\" (expected: a quantity > 0)");
        assertThatThrownBy(() -> settings(Beans.sandbox("runc"), Map.of("overhead", Map.of("cpu", "1"))))
                .hasMessageStartingWith("overhead: {cpu=1} (expected: none");
        assertThatThrownBy(() -> settings(
                        Beans.sandbox("kubevirt"),
                        Map.of("overhead", Map.of("memory", "64Mi"), "guestMemory", "128Mi")))
                .hasMessageStartingWith("guestMemory: \"128Mi\" (expected: at most overhead.memory, 64Mi");
    }

    private static String field(HostWorkload workload) {
        return workload instanceof Unsupported(var field, var _) ? field : "it ran";
    }

    private static HostWorkload translate(Sandbox sandbox, Map<String, ?> settings, String container, String spec) {
        var pod = Yaml.pod("metadata: {name: a, namespace: b}\nspec: {containers: [{name: c, image: i"
                + (container.isEmpty() ? "" : ", " + container) + "}]" + (spec.isEmpty() ? "" : ", " + spec) + "}");
        return Beans.profiles()
                .translate(pod, TenantProfiles.only(settings(sandbox, settings)))
                .workload();
    }

    private static ProfileSettings settings(Sandbox sandbox, Map<String, ?> more) {
        var spec = new java.util.LinkedHashMap<String, Object>(more);
        spec.put("sandbox", sandbox.wireName());
        return Beans.profiles().settings("p", spec);
    }
}
