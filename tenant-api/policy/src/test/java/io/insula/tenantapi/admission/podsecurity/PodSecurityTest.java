package io.insula.tenantapi.admission.podsecurity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin.Operation;
import io.insula.tenantapi.registry.AdmissionPlugin.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PodSecurityTest {

    private static final String HARDENED =
            "{securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}},"
                    + " containers: [{name: a, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]}";

    private final FakeObjectClient store = new FakeObjectClient()
            .with(
                    FakeObjectClient.core("namespaces"),
                    "metadata: {name: free}",
                    "metadata: {name: base, labels: {pod-security.kubernetes.io/enforce: baseline,"
                            + " pod-security.kubernetes.io/enforce-version: v1.34}}",
                    "metadata: {name: hard, labels: {pod-security.kubernetes.io/enforce: restricted}}",
                    "metadata: {name: warned, labels: {pod-security.kubernetes.io/warn: restricted}}",
                    "metadata: {name: odd, labels: {pod-security.kubernetes.io/enforce: none-of-these}}");

    record Case(String name, PodSecurityLevel level, String pod, List<String> want) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case baseline(String name, String spec, String... want) {
        return new Case(name, PodSecurityLevel.BASELINE, "{spec: " + spec + "}", List.of(want));
    }

    private static Case restricted(String name, String spec, String... want) {
        return new Case(name, PodSecurityLevel.RESTRICTED, "{spec: " + spec + "}", List.of(want));
    }

    private static String container(String security) {
        return "{containers: [{name: a, securityContext: " + security + "}]}";
    }

    private static String hardenedWith(String more) {
        return HARDENED.substring(0, HARDENED.length() - 1) + ", " + more + "}";
    }

    static Stream<Case> cases() {
        return Stream.of(
                baseline("a plain pod", "{containers: [{name: a}]}"),
                baseline(
                        "host namespaces",
                        "{hostNetwork: true, hostPID: true, hostIPC: true, containers: []}",
                        "host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)"),
                baseline(
                        "privileged",
                        container("{privileged: true}"),
                        "privileged (container \"a\" must not set securityContext.privileged=true)"),
                baseline(
                        "privileged init and ephemeral containers",
                        "{initContainers: [{name: i, securityContext: {privileged: true}}], containers: [{name: a}],"
                                + " ephemeralContainers: [{name: e, securityContext: {privileged: true}}]}",
                        "privileged (containers \"i\", \"e\" must not set securityContext.privileged=true)"),
                baseline("default capabilities", container("{capabilities: {add: [CHOWN, NET_BIND_SERVICE]}}")),
                baseline(
                        "capabilities",
                        container("{capabilities: {add: [SYS_ADMIN, NET_RAW, CHOWN]}}"),
                        "non-default capabilities (container \"a\" must not include \"NET_RAW\", \"SYS_ADMIN\" in"
                                + " securityContext.capabilities.add)"),
                baseline(
                        "host path",
                        "{volumes: [{name: v, hostPath: {path: /}}], containers: []}",
                        "hostPath volumes (volume \"v\")"),
                baseline(
                        "host ports",
                        "{containers: [{name: a, ports: [{hostPort: 80}, {hostPort: 8080}]}, {name: b}]}",
                        "hostPort (container \"a\" uses hostPorts 80, 8080)"),
                baseline(
                        "probe host",
                        "{containers: [{name: a, livenessProbe: {httpGet: {host: 169.254.169.254, port: 80}}}]}",
                        "probe or lifecycle host (container \"a\" uses probe or lifecycle host \"169.254.169.254\")"),
                baseline(
                        "AppArmor",
                        container("{appArmorProfile: {type: Unconfined}}"),
                        "forbidden AppArmor profile (container \"a\" must not set AppArmor profile type to \"Unconfined\")"),
                new Case(
                        "AppArmor by annotation",
                        PodSecurityLevel.BASELINE,
                        "{metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/a: unconfined}},"
                                + " spec: {containers: [{name: a}]}}",
                        List.of("forbidden AppArmor profile"
                                + " (container.apparmor.security.beta.kubernetes.io/a=\"unconfined\")")),
                baseline(
                        "SELinux",
                        container("{seLinuxOptions: {type: spc_t, user: u}}"),
                        "seLinuxOptions (container \"a\" set forbidden securityContext.seLinuxOptions: type \"spc_t\";"
                                + " user may not be set)"),
                baseline(
                        "proc mount",
                        container("{procMount: Unmasked}"),
                        "procMount (container \"a\" must not set securityContext.procMount to \"Unmasked\")"),
                baseline(
                        "seccomp",
                        "{securityContext: {seccompProfile: {type: Unconfined}}, containers: []}",
                        "seccompProfile (pod must not set securityContext.seccompProfile.type to \"Unconfined\")"),
                baseline(
                        "sysctls",
                        "{securityContext: {sysctls: [{name: kernel.msgmax, value: '1'},"
                                + " {name: net.ipv4.tcp_rmem, value: '1'}]}, containers: []}",
                        "forbidden sysctls (kernel.msgmax)"),
                baseline(
                        "host process",
                        "{securityContext: {windowsOptions: {hostProcess: true}}, containers: [{name: a,"
                                + " securityContext: {windowsOptions: {hostProcess: true}}}]}",
                        "hostProcess (pod and container \"a\" must not set securityContext.windowsOptions.hostProcess=true)"),
                restricted("a hardened pod", HARDENED),
                restricted(
                        "a plain pod",
                        "{containers: [{name: a}, {name: b}]}",
                        "allowPrivilegeEscalation != false (containers \"a\", \"b\" must set"
                                + " securityContext.allowPrivilegeEscalation=false)",
                        "unrestricted capabilities (containers \"a\", \"b\" must set"
                                + " securityContext.capabilities.drop=[\"ALL\"])",
                        "runAsNonRoot != true (pod or containers \"a\", \"b\" must set securityContext.runAsNonRoot=true)",
                        "seccompProfile (pod or containers \"a\", \"b\" must set securityContext.seccompProfile.type to"
                                + " \"RuntimeDefault\" or \"Localhost\")"),
                restricted(
                        "volumes",
                        hardenedWith(
                                "volumes: [{name: v, nfs: {}}, {name: w, hostPath: {}}, {name: c, configMap: {}}]"),
                        "restricted volume types (volumes \"v\", \"w\" use restricted volume types \"hostPath\", \"nfs\")"),
                restricted(
                        "host network first", hardenedWith("hostNetwork: true"), "host namespaces (hostNetwork=true)"),
                restricted(
                        "root",
                        "{securityContext: {runAsNonRoot: true, runAsUser: 0, seccompProfile: {type: Localhost}},"
                                + " containers: []}",
                        "runAsUser=0 (pod must not set runAsUser=0)"),
                restricted(
                        "root refused by the pod, wanted by a container",
                        "{securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, containers: [{name: a,"
                                + " securityContext: {runAsNonRoot: false, allowPrivilegeEscalation: false,"
                                + " capabilities: {drop: [ALL]}}}]}",
                        "runAsNonRoot != true (container \"a\" must not set securityContext.runAsNonRoot=false)"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void judgesByTheStandards(Case test) {
        var pod = FakeObjectClient.yaml(test.pod());

        assertThat(PodSecurityStandards.violations(test.level(), pod.path("metadata"), pod.path("spec")))
                .containsExactlyElementsOf(test.want());
        assertThat(PodSecurityStandards.violations(PodSecurityLevel.PRIVILEGED, pod.path("metadata"), pod.path("spec")))
                .isEmpty();
    }

    @Test
    void refusesByTheNamespacesLabelInUpstreamsWords() {
        var open = new PodSecurity(PodSecurityDefaults.OPEN);

        assertThatThrownBy(() -> open.validate(pod("base", "{hostPID: true, containers: []}")))
                .hasMessage("pods \"p\" is forbidden: violates PodSecurity \"baseline:v1.34\": host namespaces"
                        + " (hostPID=true)");
        assertThatThrownBy(() -> open.validate(pod("hard", "{containers: [{name: a}]}")))
                .hasMessageContaining("violates PodSecurity \"restricted:latest\"");
        assertThatThrownBy(() -> open.validate(pod("odd", "{containers: [{name: a}]}")))
                .as("an unknown level is the strictest")
                .hasMessageContaining("restricted:latest");
        assertThatCode(() -> open.validate(pod("free", "{hostPID: true, containers: []}")))
                .doesNotThrowAnyException();
    }

    @Test
    void neverGoesBelowTheServersFloor() {
        var floored = new PodSecurity(new PodSecurityDefaults(PodSecurityLevel.PRIVILEGED, PodSecurityLevel.BASELINE));
        store.with(
                FakeObjectClient.core("namespaces"),
                "metadata: {name: sneaky, labels: {pod-security.kubernetes.io/enforce: privileged}}");

        for (String namespace : List.of("sneaky", "free", "missing")) {
            assertThatThrownBy(() -> floored.validate(pod(namespace, "{hostNetwork: true, containers: []}")))
                    .as(namespace)
                    .hasMessageContaining("violates PodSecurity \"baseline:latest\"");
        }
    }

    @Test
    void warnsOfPodsAndOfWorkloadsThatWouldMakeThem() {
        var open = new PodSecurity(PodSecurityDefaults.OPEN);
        Request pod = pod("warned", "{containers: [{name: a}]}");
        Request deployment = request(
                new GroupVersionResource("apps", "v1", "deployments"),
                "{metadata: {name: d, namespace: warned}, spec: {template: {spec: {hostIPC: true, containers: []}}}}");
        open.validate(pod);
        open.validate(deployment);

        assertThat(pod.warnings())
                .singleElement()
                .asString()
                .startsWith("would violate PodSecurity \"restricted:latest\": ");
        assertThat(deployment.warnings()).singleElement().asString().contains("host namespaces (hostIPC=true)");
    }

    @Test
    void refusesUnknownLevelsOnNamespaces() {
        assertThatThrownBy(() -> new PodSecurity(PodSecurityDefaults.OPEN)
                        .validate(request(
                                FakeObjectClient.core("namespaces"),
                                "metadata: {name: n, labels: {pod-security.kubernetes.io/enforce: strong}}")))
                .hasMessageContaining("must be one of privileged, baseline, restricted");
    }

    private Request pod(String namespace, String spec) {
        return request(
                FakeObjectClient.core("pods"),
                "{metadata: {name: p, namespace: " + namespace + "}, spec: " + spec + "}");
    }

    private Request request(GroupVersionResource resource, String yaml) {
        var object = FakeObjectClient.yaml(yaml);
        return new Request(
                Operation.CREATE,
                resource,
                new GroupVersionKind(resource.group(), "v1", "Any"),
                "",
                Meta.namespace(object),
                Meta.name(object),
                object,
                null,
                new UserInfo("alice", "", List.of(), Map.of()),
                false,
                store,
                new ArrayList<>());
    }
}
