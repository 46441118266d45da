package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What becomes of a pod that a profile cannot express.
class FallbacksTest {

    private static final Map<String, ?> TO_VM = Map.of("action", "fallback", "to", "vm");
    private static final ProfileSettings VM =
            Beans.profiles().settings("vm", Map.of("sandbox", "kubevirt", "podSecurity", "privileged"));

    @Test
    void runsUnderTheOtherProfile() {
        var translation = translated(Map.of("onUnsupported", TO_VM), "");

        assertThat(translation.profile()).isEqualTo("vm");
        assertThat(translation.workload()).isInstanceOf(HostVirtualMachine.class);
    }

    @Test
    void isRefusedOtherwise() {
        assertThat(translated(Map.of(), "").workload()).isInstanceOf(Unsupported.class);
        assertThat(translated(Map.of("onUnsupported", Map.of("action", "refuse")), "")
                        .workload())
                .isInstanceOf(Unsupported.class);
    }

    /// It gets what it asked for, or nothing.
    @Test
    void isRefusedIfItAskedForTheProfile() {
        assertThat(translated(Map.of("onUnsupported", TO_VM), ", labels: {insula.io/isolation-profile: plain}")
                        .workload())
                .isInstanceOf(Unsupported.class);
    }

    /// The other profile must be the tenant's: a profile cannot give what the tenant may not have.
    @Test
    void isRefusedIfTheTenantHasNotGotTheOther() {
        var plain = settings(Map.of("onUnsupported", Map.of("action", "fallback", "to", "foreign")));

        assertThat(Beans.profiles()
                        .translate(privileged(""), new TenantProfiles(plain, List.of(VM)))
                        .workload())
                .isInstanceOf(Unsupported.class);
    }

    @Test
    void refusesWhatMeansNothing() {
        refused(Map.of("onUnsupported", Map.of()), "onUnsupported.action: null (expected: one of refuse, fallback)");
        refused(
                Map.of("onUnsupported", Map.of("action", "drop")),
                "onUnsupported.action: \"drop\" (expected: one of refuse, fallback)");
        refused(
                Map.of("onUnsupported", Map.of("action", "fallback")),
                "onUnsupported.to: null (expected: the name of another profile)");
        refused(
                Map.of("onUnsupported", Map.of("action", "fallback", "to", "plain")),
                "onUnsupported.to: \"plain\" (expected: the name of another profile)");
        refused(
                Map.of("onUnsupported", Map.of("action", "refuse", "to", "vm")),
                "onUnsupported.to: \"vm\" (expected: none where action is refuse)");
        refused(
                Map.of("onUnsupported", Map.of("action", "refuse"), "fallbacks", List.of("vm")),
                "onUnsupported: {action=refuse} (expected: none beside fallbacks, which say the same)");
        refused(Map.of("fallbacks", List.of("plain")), "fallbacks: [plain] (expected: other profiles)");
        refused(Map.of("onUnsupported", "refuse"), "onUnsupported: refuse (expected: an object)");
    }

    private static void refused(Map<String, ?> spec, String message) {
        assertThatThrownBy(() -> settings(spec)).hasMessage(message);
    }

    private static Translation translated(Map<String, ?> spec, String metadata) {
        return Beans.profiles().translate(privileged(metadata), new TenantProfiles(settings(spec), List.of(VM)));
    }

    private static io.fabric8.kubernetes.api.model.Pod privileged(String metadata) {
        return Yaml.pod("metadata: {name: a" + metadata
                + "}\nspec: {containers: [{name: c, image: i, securityContext: {privileged: true}}]}");
    }

    private static ProfileSettings settings(Map<String, ?> more) {
        var spec = new LinkedHashMap<String, Object>(more);
        spec.put("sandbox", "runc");
        return Beans.profiles().settings("plain", spec);
    }
}
