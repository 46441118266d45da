package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProfilesTest {

    private static final ProfileSettings VM =
            Beans.profiles().settings("vm", Map.of("sandbox", "kubevirt", "podSecurity", "privileged"));
    private static final TenantProfiles TENANT = new TenantProfiles(
            Beans.profiles().settings("plain", Map.of("sandbox", "runc", "fallbacks", List.of("vm"))),
            List.of(VM, ProfileSettings.of("kata", Beans.sandbox("kata"))));

    @Test
    void takesTheStandardProfileWhenNoneIsAsked() {
        var translation = Beans.profiles().translate(pod("", ""), TENANT);

        assertThat(translation.profile()).isEqualTo("plain");
        assertThat(translation.workload()).isInstanceOf(HostPod.class);
    }

    @Test
    void takesTheProfileThatLabelOrRuntimeClassAsks() {
        assertThat(Beans.profiles()
                        .translate(pod("labels: {insula.io/isolation-profile: kata}", ""), TENANT)
                        .profile())
                .isEqualTo("kata");
        assertThat(Beans.profiles()
                        .translate(pod("", "runtimeClassName: kata"), TENANT)
                        .profile())
                .isEqualTo("kata");
    }

    @Test
    void fallsBackToAMachineForAPrivilegedPod() {
        var privileged = Yaml.pod(
                "metadata: {name: a}\nspec: {containers: [{name: c, image: i, securityContext: {privileged: true}}]}");

        var translation = Beans.profiles().translate(privileged, TENANT);

        assertThat(translation.profile()).isEqualTo("vm");
        assertThat(translation.workload()).isInstanceOf(HostVirtualMachine.class);
    }

    @Test
    void refusesASpecThatCannotMeanAnything() {
        String names = String.join(
                ", ", Beans.sandboxes().stream().map(Sandbox::wireName).sorted().toList());
        assertThat(names).contains("gvisor, kata, kubevirt, runc");
        assertThatThrownBy(() -> Beans.profiles().settings("p", Map.of("sandbox", "chroot")))
                .hasMessage("sandbox: \"chroot\" (expected: one of " + names + ")");
        assertThatThrownBy(() -> Beans.profiles().settings("p", Map.of()))
                .hasMessage("sandbox: null (expected: one of " + names + ")");
        assertThatThrownBy(() -> Beans.profiles()
                        .settings(
                                "p",
                                Map.of("sandbox", "runc", "resources", Map.of("mode", "burstable", "maxRatio", 0.5))))
                .hasMessage("resources.maxRatio: 0.5 (expected: >= 1)");
        assertThatThrownBy(() ->
                        Beans.profiles().settings("p", Map.of("sandbox", "runc", "overhead", Map.of("cpu", "much"))))
                .hasMessage("overhead.cpu: \"much\" (expected: a quantity >= 0)");
    }

    private static io.fabric8.kubernetes.api.model.Pod pod(String metadata, String spec) {
        return Yaml.pod("metadata: {name: a" + (metadata.isEmpty() ? "" : ", " + metadata)
                + "}\nspec:\n  containers: [{name: c, image: i}]\n" + spec.indent(2));
    }
}
