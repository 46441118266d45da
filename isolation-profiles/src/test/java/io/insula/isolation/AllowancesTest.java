package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.tenantapi.api.Json;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What a profile allows at most, tried on both walls: the translation, and the host's policy against somebody who has
/// the syncer's credential.
class AllowancesTest {

    private static final Map<String, Object> FEW = Map.of(
            "volumeTypes",
            List.of("configMap", "projected", "ephemeral"),
            "capabilities",
            List.of("NET_BIND_SERVICE"),
            "sysctls",
            List.of("net.ipv4.ping_group_range", "kernel.shm*"));

    static Stream<Sandbox> sandboxes() {
        return Beans.sandboxes().stream();
    }

    /// @param field the one that is refused; empty for a pod that runs
    record Case(String spec, String container, String field) {}

    static Stream<Object[]> cases() {
        var cases = List.of(
                new Case("", "", ""),
                new Case("volumes: [{name: v, configMap: {name: c}}]", "", ""),
                new Case("volumes: [{name: v, image: {reference: i}}]", "", "spec.volumes[0].image"),
                new Case(
                        "volumes: [{name: v, configMap: {name: c}}, {name: w, secret: {secretName: s}}]",
                        "",
                        "spec.volumes[1].secret"),
                new Case("volumes: [{name: v, emptyDir: {}}]", "", "spec.volumes[0].emptyDir"),
                new Case(
                        "volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]",
                        "",
                        "spec.volumes[0].persistentVolumeClaim"),
                new Case("", "securityContext: {capabilities: {add: [NET_BIND_SERVICE]}}", ""),
                new Case(
                        "",
                        "securityContext: {capabilities: {add: [NET_BIND_SERVICE, CHOWN]}}",
                        "spec.containers[0].securityContext.capabilities.add[1]"),
                new Case(
                        "initContainers: [{name: i, image: i, securityContext: {capabilities: {add: [CHOWN]}}}]",
                        "",
                        "spec.initContainers[0].securityContext.capabilities.add[0]"),
                new Case(
                        "ephemeralContainers: [{name: d, image: i, securityContext: {capabilities: {add: [CHOWN]}}}]",
                        "",
                        "spec.ephemeralContainers[0].securityContext.capabilities.add[0]"),
                new Case("securityContext: {sysctls: [{name: kernel.shm_rmid_forced, value: '1'}]}", "", ""),
                new Case(
                        "securityContext: {sysctls: [{name: net.ipv4.ip_local_port_range, value: '1 2'}]}",
                        "",
                        "spec.securityContext.sysctls[0].name"));
        return Beans.sandboxesOfPods().stream()
                .flatMap(sandbox -> cases.stream().map(each -> new Object[] {sandbox, each}));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void holdsInTheTranslation(Sandbox sandbox, Case each) {
        var workload = translated(sandbox, FEW, each);

        if (each.field().isEmpty()) {
            assertThat(workload).isInstanceOf(HostPod.class);
        } else {
            assertThat(workload)
                    .isInstanceOfSatisfying(
                            Unsupported.class,
                            refused -> assertThat(refused.field()).isEqualTo(each.field()));
        }
    }

    /// What the translation makes under a profile that allows everything is written past it, as this profile's.
    @ParameterizedTest
    @MethodSource("cases")
    void holdsOnTheHost(Sandbox sandbox, Case each) {
        boolean ephemeral = each.field().endsWith("persistentVolumeClaim");
        var settings = settings(sandbox, FEW);
        var policy = new RenderedPolicy(HostPolicy.spec(settings, HostFacts.NONE));
        var made = (HostPod) translated(sandbox, Map.of(), each);

        var said = policy.refusals(completed(made.pod(), settings), Map.of(HostPolicy.ALLOWED, "p"));

        if (each.field().isEmpty() || ephemeral) {
            assertThat(said)
                    .as("the claim of an ephemeral volume is one on the host")
                    .isEmpty();
        } else {
            assertThat(said).singleElement().asString().contains("allow");
        }
    }

    @ParameterizedTest
    @MethodSource("sandboxes")
    void allowsNothingWhereAListIsEmpty(Sandbox sandbox) {
        var nothing = Map.<String, Object>of("volumeTypes", List.of());

        assertThat(translated(sandbox, nothing, new Case("", "", ""))).isNotInstanceOf(Unsupported.class);
        assertThat(translated(sandbox, nothing, new Case("volumes: [{name: v, configMap: {name: c}}]", "", "")))
                .isInstanceOfSatisfying(
                        Unsupported.class,
                        refused -> assertThat(refused.message())
                                .isEqualTo("the isolation profile allows only volumes of these types: none"));
    }

    /// A guest has capabilities and sysctls of its own; claims are the host's.
    @Test
    void holdsForTheClaimsOfMachines() {
        var sandbox = Beans.sandbox("kubevirt");
        var rules = HostPolicy.spec(settings(sandbox, FEW), HostFacts.NONE).toString();
        var without = HostPolicy.spec(settings(sandbox, Map.of("volumeTypes", List.of("configMap"))), HostFacts.NONE)
                .toString();

        assertThat(rules).doesNotContain("allows no claims");
        assertThat(without).contains("allows no claims", "!has(v.persistentVolumeClaim)");
        new RenderedPolicy(
                HostPolicy.spec(settings(sandbox, Map.of("volumeTypes", List.of("configMap"))), HostFacts.NONE));
    }

    /// Never more than the level of pod security.
    @Test
    void loosensNothing() {
        var all = Map.<String, Object>of("capabilities", List.of("*"), "sysctls", List.of("*"));

        assertThat(translated(
                        Beans.sandbox("runc"),
                        all,
                        new Case("", "securityContext: {capabilities: {add: [SYS_ADMIN]}}", "")))
                .isInstanceOf(Unsupported.class);
        assertThat(translated(
                        Beans.sandbox("runc"),
                        all,
                        new Case("securityContext: {sysctls: [{name: kernel.msgmax, value: '1'}]}", "", "")))
                .isInstanceOf(Unsupported.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hostPath | allowed.volumeTypes: \"hostPath\" (expected: one of configMap, downwardAPI, emptyDir, ephemeral, image, persistentVolumeClaim, projected, secret)",
                "nonsense | allowed.volumeTypes: \"nonsense\" (expected: one of configMap, downwardAPI, emptyDir, ephemeral, image, persistentVolumeClaim, projected, secret)",
            })
    void refusesToPromiseWhatNobodyKeeps(String type, String message) {
        assertThatThrownBy(() -> settings(Beans.sandbox("runc"), Map.of("volumeTypes", List.of(type))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static HostWorkload translated(Sandbox sandbox, Map<String, Object> allowed, Case each) {
        Pod pod = Yaml.pod("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {"
                + (each.spec().isEmpty() ? "" : each.spec() + ", ") + "containers: [{name: c, image: i"
                + (each.container().isEmpty() ? "" : ", " + each.container()) + "}]}}");
        return Beans.profiles()
                .translate(pod, TenantProfiles.only(settings(sandbox, allowed)))
                .workload();
    }

    private static ProfileSettings settings(Sandbox sandbox, Map<String, Object> allowed) {
        return Beans.profiles().settings("p", Map.of("sandbox", sandbox.wireName(), "allowed", allowed));
    }

    /// As the syncer completes it.
    private static JsonNode completed(Pod pod, ProfileSettings settings) {
        ObjectNode tree = Json.MAPPER.valueToTree(pod);
        tree.withObjectProperty("metadata").withObjectProperty("annotations").put(HostPolicy.PROFILE, settings.name());
        tree.withObjectProperty("spec").put("automountServiceAccountToken", false);
        return tree;
    }
}
