package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.rules.keys.InsulaKeys;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// On what machines a profile's pods run.
class PlacementTest {

    @ParameterizedTest
    @MethodSource("io.insula.isolation.Beans#sandboxes")
    void choosesNodesByTheLabelThatTheyCarry(Sandbox sandbox) {
        for (var kind : List.of("bare-metal", "vm")) {
            var settings = settings(sandbox, Map.of("placement", kind));

            assertThat(selector(translated(settings, ""))).containsEntry(InsulaKeys.NODE_POOL, kind);
            assertThat(NodeFit.fits(node(kind), settings)).isTrue();
            assertThat(NodeFit.fits(node("other"), settings)).isFalse();
            assertThat(HostPolicy.spec(settings, HostFacts.NONE).toString())
                    .contains("spec.nodeSelector[insula.io/node-pool]: must be \"" + kind + "\"");
        }
        assertThat(settings(sandbox, Map.of("placement", "any")).nodePool()).isEqualTo(NodePool.ANY);
    }

    @Test
    void isAPartOfTheNodePool() {
        var pool = Map.of("selector", Map.of("disk", "ssd"));

        assertThat(settings(Beans.sandbox("runc"), Map.of("placement", "vm", "nodePool", pool))
                        .nodePool()
                        .selector())
                .isEqualTo(Map.of("disk", "ssd", InsulaKeys.NODE_POOL, "vm"));
    }

    /// A pod that selects other machines would get there, if the pod's word counted.
    @ParameterizedTest
    @MethodSource("io.insula.isolation.Beans#sandboxes")
    void letsNoPodChooseOtherMachines(Sandbox sandbox) {
        var settings = settings(sandbox, Map.of("placement", "vm"));

        assertThat(translated(settings, "nodeSelector: {insula.io/node-pool: bare-metal}, "))
                .isInstanceOfSatisfying(
                        Unsupported.class,
                        refused -> assertThat(refused.field())
                                .isEqualTo("spec.nodeSelector[" + InsulaKeys.NODE_POOL + "]"));
    }

    @Test
    void refusesWhatMeansNothing() {
        var runc = Beans.sandbox("runc");
        assertThatThrownBy(() -> settings(runc, Map.of("placement", "cloud")))
                .hasMessage("placement: \"cloud\" (expected: one of any, bare-metal, vm)");
        assertThatThrownBy(() -> settings(runc, Map.of("placement", true)))
                .hasMessage("placement: \"true\" (expected: one of any, bare-metal, vm)");
        assertThatThrownBy(() -> settings(
                        runc,
                        Map.of(
                                "placement",
                                "vm",
                                "nodePool",
                                Map.of("selector", Map.of(InsulaKeys.NODE_POOL, "bare-metal")))))
                .hasMessage("placement: \"vm\" (expected: any, as nodePool.selector[insula.io/node-pool] is"
                        + " \"bare-metal\")");
    }

    private static Map<String, Object> selector(HostWorkload workload) {
        return switch (workload) {
            case HostPod(var pod) -> new LinkedHashMap<>(pod.getSpec().getNodeSelector());
            case HostVirtualMachine(var machine, var _) -> machine.get("spec", "nodeSelector");
            case Unsupported refused -> throw new AssertionError(refused);
        };
    }

    private static HostWorkload translated(ProfileSettings settings, String spec) {
        var pod = Yaml.pod("metadata: {name: a}\nspec: {" + spec + "containers: [{name: c, image: i}]}");
        return Beans.profiles().translate(pod, TenantProfiles.only(settings)).workload();
    }

    private static ProfileSettings settings(Sandbox sandbox, Map<String, ?> more) {
        var spec = new LinkedHashMap<String, Object>(more);
        spec.put("sandbox", sandbox.wireName());
        return Beans.profiles().settings("p", spec);
    }

    private static Node node(String pool) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName("n")
                .addToLabels(InsulaKeys.NODE_POOL, pool)
                .endMetadata()
                .build();
    }
}
