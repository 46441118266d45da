package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.isolation.HostWorkload.Unsupported;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A tenant tries to reach the node, in every sandbox whose pods are the node's processes, with the loosest settings.
class AttackTest {

    record Attack(String name, String spec, String field) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final String CONTAINER = "containers: [{name: c, image: i}]\n";

    static List<Attack> attacks() {
        return List.of(
                new Attack("host network", CONTAINER + "hostNetwork: true", "spec.hostNetwork"),
                new Attack("host pids", CONTAINER + "hostPID: true", "spec.hostPID"),
                new Attack("host ipc", CONTAINER + "hostIPC: true", "spec.hostIPC"),
                new Attack("a node of its choice", CONTAINER + "nodeName: n1", "spec.nodeName"),
                new Attack("another scheduler", CONTAINER + "schedulerName: mine", "spec.schedulerName"),
                new Attack("another runtime", CONTAINER + "runtimeClassName: other", "spec.runtimeClassName"),
                new Attack("an unknown field", CONTAINER + "hostEverything: true", "spec.hostEverything"),
                new Attack(
                        "host files",
                        CONTAINER + "volumes: [{name: v, hostPath: {path: /}}]",
                        "spec.volumes[0].hostPath"),
                new Attack(
                        "the node's network storage",
                        CONTAINER + "volumes: [{name: v, nfs: {server: s, path: /}}]",
                        "spec.volumes[0]"),
                new Attack(
                        "devices",
                        CONTAINER + "resourceClaims: [{name: d, resourceClaimName: x}]",
                        "spec.resourceClaims"),
                new Attack(
                        "privileged",
                        "containers: [{name: c, image: i, securityContext: {privileged: true}}]",
                        "spec.containers[0].securityContext.privileged"),
                new Attack(
                        "privileged while starting",
                        CONTAINER + "initContainers: [{name: c, image: i, securityContext: {privileged: true}}]",
                        "spec.initContainers[0].securityContext.privileged"),
                new Attack(
                        "privileged while debugging",
                        CONTAINER + "ephemeralContainers: [{name: c, image: i, securityContext: {privileged: true}}]",
                        "spec.ephemeralContainers[0].securityContext.privileged"),
                new Attack(
                        "the node's /proc",
                        "containers: [{name: c, image: i, securityContext: {procMount: Unmasked}}]",
                        "spec.containers[0].securityContext.procMount"),
                new Attack(
                        "a port of the node",
                        "containers: [{name: c, image: i, ports: [{containerPort: 1, hostPort: 22}]}]",
                        "spec.containers[0].ports[0].hostPort"),
                new Attack(
                        "an unknown field of the security context",
                        "containers: [{name: c, image: i, securityContext: {root: true}}]",
                        "spec.containers[0].securityContext.root"));
    }

    static Stream<Object[]> attacksInEverySandbox() {
        return Beans.sandboxesOfPods().stream()
                .flatMap(sandbox -> attacks().stream().map(attack -> new Object[] {sandbox, attack}));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("attacksInEverySandbox")
    void refusesNamingTheField(Sandbox sandbox, Attack attack) {
        var loose = Beans.profiles().settings("p", Map.of("sandbox", sandbox.wireName(), "podSecurity", "privileged"));

        var answer = translate(attack.spec(), TenantProfiles.only(loose));

        assertThat(answer)
                .isInstanceOfSatisfying(
                        Unsupported.class,
                        refused -> assertThat(refused.field()).isEqualTo(attack.field()));
    }

    @ParameterizedTest(name = "kubevirt: {0}")
    @MethodSource("attacks")
    void keepsWhatIsTheNodesFromMachinesToo(Attack attack) {
        var strict = ProfileSettings.of("p", Beans.sandbox("kubevirt"));

        var answer = translate(attack.spec(), TenantProfiles.only(strict));

        assertThat(answer).isInstanceOf(Unsupported.class);
    }

    @ParameterizedTest
    @MethodSource("asks")
    void refusesProfilesThatAreNotTheTenants(String metadata) {
        var pod = Yaml.pod("metadata: {name: a, " + metadata + "}\nspec:\n  containers: [{name: c, image: i}]\n");

        var answer = Beans.profiles()
                .translate(pod, TenantProfiles.only(ProfileSettings.of("kata", Beans.sandbox("kata"))))
                .workload();

        assertThat(answer)
                .isInstanceOfSatisfying(
                        Unsupported.class,
                        refused -> assertThat(refused.field()).startsWith("metadata."));
    }

    static List<String> asks() {
        return List.of(
                "labels: {insula.io/isolation-profile: runc}",
                "annotations: {insula.io/isolation-profile: runc}",
                "labels: {insula.io/isolation-profile: kata}, annotations: {insula.io/isolation-profile: runc}");
    }

    @ParameterizedTest
    @MethodSource("hostUsers")
    void refusesTheNodesUsersUnderUserNamespaces(Sandbox sandbox) {
        var settings = Beans.profiles().settings("p", Map.of("sandbox", sandbox.wireName(), "userNamespaces", true));

        var answer = translate(CONTAINER + "hostUsers: true", TenantProfiles.only(settings));

        assertThat(answer)
                .isEqualTo(new Unsupported(
                        "spec.hostUsers", "the isolation profile runs every pod in a user namespace of its own"));
    }

    static List<Sandbox> hostUsers() {
        return Beans.sandboxesOfPods();
    }

    private static HostWorkload translate(String spec, TenantProfiles profiles) {
        var pod = Yaml.pod("metadata: {name: a}\nspec:\n" + spec.indent(2));
        return Beans.profiles().translate(pod, profiles).workload();
    }
}
