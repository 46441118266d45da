package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.rules.keys.InsulaKeys;
import io.insula.tenantapi.api.Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// How many processes a pod may have on its node.
class ProcessLimitTest {

    @ParameterizedTest
    @MethodSource("io.insula.isolation.Beans#sandboxesOfPods")
    void isToldToTheNode(Sandbox sandbox) {
        assertThat(settings(sandbox, 100).hostAnnotations()).containsEntry(InsulaKeys.PIDS_LIMIT, "100");
        assertThat(settings(sandbox, 100L).hostAnnotations()).containsEntry(InsulaKeys.PIDS_LIMIT, "100");
        assertThat(settings(sandbox, null).hostAnnotations()).doesNotContainKey(InsulaKeys.PIDS_LIMIT);
        assertThat(TenantProfiles.only(settings(sandbox, 7)).hostAnnotations("p"))
                .containsEntry(InsulaKeys.PIDS_LIMIT, "7");
        assertThat(TenantProfiles.only(settings(sandbox, 7)).hostAnnotations("other"))
                .isEmpty();
    }

    /// Whoever has the syncer's credential would leave it out, or say more.
    @ParameterizedTest
    @MethodSource("io.insula.isolation.Beans#sandboxesOfPods")
    void holdsOnTheHost(Sandbox sandbox) {
        var limited = new RenderedPolicy(HostPolicy.spec(settings(sandbox, 100), HostFacts.NONE));
        var free = new RenderedPolicy(HostPolicy.spec(settings(sandbox, null), HostFacts.NONE));
        var own = Map.of(HostPolicy.ALLOWED, "p");

        assertThat(limited.refusals(made(sandbox, "100"), own)).isEmpty();
        for (String wrong : new String[] {"", "101", "0", "100 "}) {
            assertThat(limited.refusals(made(sandbox, wrong), own))
                    .as(wrong)
                    .singleElement()
                    .asString()
                    .contains("metadata.annotations[insula.io/pids-limit]: must be \"100\"");
        }
        assertThat(free.refusals(made(sandbox, ""), own)).isEmpty();
    }

    @Test
    void refusesWhatIsNoNumberOfProcesses() {
        var runc = Beans.sandbox("runc");
        for (Object wrong : List.of(0, -1, 1.5, 4_194_305, Long.MAX_VALUE, true)) {
            assertThatThrownBy(() -> settings(runc, wrong))
                    .hasMessage("pidsLimit: " + wrong + " (expected: an integer from 1 to 4194304)");
        }
        assertThatThrownBy(() -> settings(runc, "100"))
                .hasMessage("pidsLimit: \"100\" (expected: an integer from 1 to 4194304)");
        assertThatThrownBy(() -> settings(Beans.sandbox("kubevirt"), 100))
                .hasMessage("pidsLimit: 100 (expected: none, as a guest counts its own processes)");
    }

    private static ObjectNode made(Sandbox sandbox, String limit) {
        var pod = Yaml.pod("metadata: {name: a}\nspec: {containers: [{name: c, image: i}]}");
        var workload = (HostPod) Beans.profiles()
                .translate(pod, TenantProfiles.only(settings(sandbox, null)))
                .workload();
        ObjectNode tree = Json.MAPPER.valueToTree(workload.pod());
        ObjectNode annotations = tree.withObjectProperty("metadata").withObjectProperty("annotations");
        annotations.put(HostPolicy.PROFILE, "p");
        if (!limit.isEmpty()) {
            annotations.put(InsulaKeys.PIDS_LIMIT, limit);
        }
        tree.withObjectProperty("spec").put("automountServiceAccountToken", false);
        return tree;
    }

    private static ProfileSettings settings(Sandbox sandbox, @Nullable Object limit) {
        var spec = new HashMap<String, Object>(Map.of("sandbox", sandbox.wireName()));
        if (limit != null) {
            spec.put("pidsLimit", limit);
        }
        return Beans.profiles().settings("p", spec);
    }
}
