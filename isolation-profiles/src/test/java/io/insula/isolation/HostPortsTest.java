package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.rules.podsecurity.PodSecurityLevel;
import io.insula.tenantapi.api.Json;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Ports of the nodes, tried on both walls.
class HostPortsTest {

    private static final List<?> SOME = List.of(Map.of("min", 8000, "max", 8010), Map.of("min", 9000));

    /// @param field the one that is refused; empty for a pod that runs
    record Case(String spec, String field) {}

    static Stream<Object[]> cases() {
        var main = "containers: [{name: c, image: i, ports: [%s]}]";
        var sidecar = "containers: [{name: c, image: i}], initContainers: [{name: s, image: i, restartPolicy: Always,"
                + " ports: [%s]}]";
        var cases = List.of(
                new Case(main.formatted("{containerPort: 80}"), ""),
                new Case(main.formatted("{containerPort: 80, hostPort: 0}"), ""),
                new Case(main.formatted("{containerPort: 80, hostPort: 8000}"), ""),
                new Case(main.formatted("{containerPort: 80, hostPort: 8010, protocol: UDP}"), ""),
                new Case(main.formatted("{containerPort: 80, hostPort: 9000}"), ""),
                new Case(sidecar.formatted("{containerPort: 80, hostPort: 9000}"), ""),
                new Case(main.formatted("{containerPort: 80, hostPort: 8011}"), "spec.containers[0].ports[0].hostPort"),
                new Case(main.formatted("{containerPort: 80, hostPort: 22}"), "spec.containers[0].ports[0].hostPort"),
                new Case(
                        main.formatted("{containerPort: 80, hostPort: 8000}, {containerPort: 81, hostPort: 9001}"),
                        "spec.containers[0].ports[1].hostPort"),
                new Case(
                        sidecar.formatted("{containerPort: 80, hostPort: 10250}"),
                        "spec.initContainers[0].ports[0].hostPort"),
                // it would stand before what the node itself listens with there
                new Case(
                        main.formatted("{containerPort: 80, hostPort: 8000, hostIP: 127.0.0.1}"),
                        "spec.containers[0].ports[0].hostIP"));
        return Beans.sandboxesOfPods().stream()
                .flatMap(sandbox -> Stream.of("privileged", "baseline", "restricted")
                        .flatMap(level -> cases.stream().map(each -> new Object[] {sandbox, level, each})));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void areThoseThatTheProfileAllows(Sandbox sandbox, String level, Case each) {
        var workload = translated(settings(sandbox, level, SOME), each);

        if (each.field().isEmpty()) {
            assertThat(workload).isInstanceOf(HostPod.class);
        } else {
            assertThat(workload)
                    .isInstanceOfSatisfying(
                            Unsupported.class,
                            refused -> assertThat(refused.field()).isEqualTo(each.field()));
        }
    }

    /// Somebody with the syncer's credential writes the pod as it is.
    @ParameterizedTest
    @MethodSource("cases")
    void holdOnTheHost(Sandbox sandbox, String level, Case each) {
        var settings = settings(sandbox, level, SOME);
        var policy = new RenderedPolicy(HostPolicy.spec(settings, HostFacts.NONE));

        var said = policy.refusals(written(settings, each), Map.of(HostPolicy.ALLOWED, "p"));

        if (each.field().isEmpty()) {
            assertThat(said).isEmpty();
        } else {
            assertThat(said)
                    .singleElement()
                    .asString()
                    .contains("spec.containers.ports." + each.field().replaceAll(".*\\.", ""));
        }
    }

    @ParameterizedTest
    @MethodSource("io.insula.isolation.Beans#sandboxesOfPods")
    void areNoneByDefault(Sandbox sandbox) {
        var asking = new Case("containers: [{name: c, image: i, ports: [{containerPort: 80, hostPort: 8000}]}]", "");
        var settings = settings(sandbox, "privileged", List.of());

        assertThat(translated(settings, asking)).isInstanceOf(Unsupported.class);
        assertThat(new RenderedPolicy(HostPolicy.spec(settings, HostFacts.NONE))
                        .refusals(written(settings, asking), Map.of(HostPolicy.ALLOWED, "p")))
                .singleElement()
                .asString()
                .contains("the node's ports are shared by all tenants");
    }

    /// The host's own admission knows no list, so the namespace stands open and the profile's policy keeps the rest.
    @Test
    void openTheNamespaceAndNotTheProfile() {
        var runc = Beans.sandbox("runc");
        var open = settings(runc, "restricted", SOME);

        assertThat(HostPolicy.podSecurity(open)).isEqualTo(PodSecurityLevel.PRIVILEGED);
        assertThat(HostPolicy.podSecurity(settings(runc, "restricted", List.of())))
                .isEqualTo(PodSecurityLevel.RESTRICTED);
        var root = new Case("securityContext: {runAsNonRoot: false}, containers: [{name: c, image: i}]", "");
        assertThat(new RenderedPolicy(HostPolicy.spec(open, HostFacts.NONE))
                        .refusals(written(open, root), Map.of(HostPolicy.ALLOWED, "p")))
                .anyMatch(each -> each.contains("runAsNonRoot"));
    }

    @Test
    void areRefusedWhereTheyMeanNothing() {
        refused("8000", "allowed.hostPorts: \"8000\" (expected: a list)");
        refused(List.of(8000), "allowed.hostPorts[0]: 8000 (expected: an object)");
        refused(List.of(Map.of()), "allowed.hostPorts[0].min: null (expected: a port from 1 to 65535)");
        refused(List.of(Map.of("min", 0)), "allowed.hostPorts[0].min: 0 (expected: a port from 1 to 65535)");
        refused(
                List.of(Map.of("min", 1), Map.of("min", 2, "max", 65_536)),
                "allowed.hostPorts[1].max: 65536 (expected: a port from 1 to 65535)");
        refused(List.of(Map.of("min", "1")), "allowed.hostPorts[0].min: \"1\" (expected: a port from 1 to 65535)");
        refused(List.of(Map.of("min", 9, "max", 8)), "allowed.hostPorts[0].max: 8 (expected: at least min, 9)");
        assertThatThrownBy(() -> settings(Beans.sandbox("kubevirt"), "baseline", List.of(Map.of("min", 1))))
                .hasMessage("allowed.hostPorts: [{min=1}] (expected: none, as machines have no ports of a node)");
    }

    private static void refused(Object ports, String message) {
        assertThatThrownBy(() -> settings(Beans.sandbox("runc"), "baseline", ports))
                .hasMessage(message);
    }

    private static HostWorkload translated(ProfileSettings settings, Case each) {
        return Beans.profiles()
                .translate(pod(settings, each.spec()), TenantProfiles.only(settings))
                .workload();
    }

    /// What the translation would make if it looked at no port.
    private static ObjectNode written(ProfileSettings settings, Case each) {
        var anything =
                settings(settings.sandbox(), settings.podSecurity().label(), List.of(Map.of("min", 1, "max", 65_535)));
        var bare = pod(settings, each.spec().replaceAll(", hostIP: [0-9.]+", "").replace("runAsNonRoot: false", ""));
        var made = (HostPod)
                Beans.profiles().translate(bare, TenantProfiles.only(anything)).workload();
        ObjectNode tree = Json.MAPPER.valueToTree(made.pod());
        if (each.spec().contains("hostIP")) {
            ((ObjectNode) tree.at("/spec/containers/0/ports/0")).put("hostIP", "127.0.0.1");
        }
        if (each.spec().contains("runAsNonRoot: false")) {
            tree.withObject("/spec/securityContext").put("runAsNonRoot", false);
        }
        tree.withObjectProperty("metadata").withObjectProperty("annotations").put(HostPolicy.PROFILE, "p");
        tree.withObjectProperty("spec").put("automountServiceAccountToken", false);
        return tree;
    }

    /// As its level of pod security asks.
    private static Pod pod(ProfileSettings settings, String spec) {
        var strict = settings.podSecurity() == PodSecurityLevel.RESTRICTED;
        var text = strict
                ? spec.replace(
                        "image: i",
                        "image: i, securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false,"
                                + " capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}")
                : spec;
        return Yaml.pod("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {" + text + "}}");
    }

    private static ProfileSettings settings(Sandbox sandbox, String level, Object ports) {
        return Beans.profiles()
                .settings(
                        "p",
                        Map.of(
                                "sandbox",
                                sandbox.wireName(),
                                "podSecurity",
                                level,
                                "allowed",
                                Map.of("hostPorts", ports)));
    }
}
