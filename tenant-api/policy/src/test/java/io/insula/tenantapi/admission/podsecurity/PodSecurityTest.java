package io.insula.tenantapi.admission.podsecurity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin.Operation;
import io.insula.tenantapi.registry.AdmissionPlugin.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PodSecurityTest {

    private final PodSecurity plugin = new PodSecurity();
    private final FakeObjectClient store = new FakeObjectClient()
            .with(
                    FakeObjectClient.core("namespaces"),
                    "metadata: {name: free}",
                    "metadata: {name: base, labels: {pod-security.kubernetes.io/enforce: baseline,"
                            + " pod-security.kubernetes.io/enforce-version: v1.34}}",
                    "metadata: {name: hard, labels: {pod-security.kubernetes.io/enforce: restricted}}",
                    "metadata: {name: warned, labels: {pod-security.kubernetes.io/warn: restricted}}",
                    "metadata: {name: odd, labels: {pod-security.kubernetes.io/enforce: none-of-these}}");

    @Test
    void refusesByTheNamespacesLabelInUpstreamsWords() {
        assertThatThrownBy(() -> plugin.validate(pod("base", "{hostPID: true, containers: []}")))
                .hasMessage("pods \"p\" is forbidden: violates PodSecurity \"baseline:v1.34\": host namespaces"
                        + " (hostPID=true)");
        assertThatThrownBy(() -> plugin.validate(pod("hard", "{containers: [{name: a}]}")))
                .hasMessageContaining("violates PodSecurity \"restricted:latest\"");
        assertThatThrownBy(() -> plugin.validate(pod("odd", "{containers: [{name: a}]}")))
                .as("an unknown level is the strictest")
                .hasMessageContaining("restricted:latest");
        assertThatCode(() -> plugin.validate(pod("free", "{hostPID: true, containers: []}")))
                .doesNotThrowAnyException();
    }

    /// What joins a running pod is judged as if the pod were created with it, whoever lets the pod itself in.
    @Test
    void refusesAnEphemeralContainerThatTheNamespaceDoesNotTake() {
        String ordinary = "{securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, containers:"
                + " [{name: a, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]";
        String debugger = ordinary
                + ", ephemeralContainers: [{name: debugger, securityContext: {privileged: true,"
                + " allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]}";
        assertThatThrownBy(() -> plugin.validate(joined("hard", ordinary + "}", debugger)))
                .hasMessage("pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\": privileged (container"
                        + " \"debugger\" must not set securityContext.privileged=true)");
        assertThatThrownBy(() -> plugin.validate(joined("base", ordinary + "}", debugger)))
                .hasMessageContaining("violates PodSecurity \"baseline:v1.34\": privileged");
        assertThatCode(() ->
                        plugin.validate(joined("hard", ordinary + "}", debugger.replace("true, all", "false, all"))))
                .as("one that the level takes")
                .doesNotThrowAnyException();
        Request warned = joined("warned", ordinary + "}", debugger);
        plugin.validate(warned);
        assertThat(warned.warnings()).singleElement().asString().contains("privileged");
    }

    /// Labels of a namespace that came after the pod take nothing of it away.
    @Test
    void judgesNoUpdateOfWhatRuns() {
        String hostPid = "{hostPID: true, containers: []}";
        for (String subresource : List.of("", "status", "resize")) {
            assertThatCode(() -> plugin.validate(update("hard", subresource, hostPid, hostPid)))
                    .as(subresource)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void judgesByTheReleaseThatTheNamespaceNames() {
        store.with(
                FakeObjectClient.core("namespaces"),
                "metadata: {name: old, labels: {pod-security.kubernetes.io/enforce: restricted,"
                        + " pod-security.kubernetes.io/enforce-version: v1.7}}",
                "metadata: {name: future, labels: {pod-security.kubernetes.io/enforce: restricted,"
                        + " pod-security.kubernetes.io/enforce-version: v1.99}}");
        var spec = "{hostUsers: false, containers: [{name: a}]}";

        assertThatThrownBy(() -> plugin.validate(pod("old", spec)))
                .hasMessageEndingWith("violates PodSecurity \"restricted:v1.7\": runAsNonRoot != true (pod or container"
                        + " \"a\" must set securityContext.runAsNonRoot=true)");
        assertThatThrownBy(() -> plugin.validate(pod("future", spec)))
                .as("a release that this server does not know is its own")
                .hasMessageContaining("violates PodSecurity \"restricted:v1.99\": allowPrivilegeEscalation != false")
                .hasMessageContaining("runAsNonRoot != true");
    }

    @Test
    void warnsOfWorkloadsWhosePodsTheNamespaceWouldRefuse() {
        Request refused = deployment("base");
        Request free = deployment("free");
        Request silenced = deployment("silent");
        store.with(
                FakeObjectClient.core("namespaces"),
                "metadata: {name: silent, labels: {pod-security.kubernetes.io/enforce: baseline,"
                        + " pod-security.kubernetes.io/warn: privileged}}");
        List.of(refused, free, silenced).forEach(plugin::validate);

        assertThat(refused.warnings())
                .containsExactly("would violate PodSecurity \"baseline:v1.34\": host namespaces (hostIPC=true)");
        assertThat(free.warnings()).isEmpty();
        assertThat(silenced.warnings()).isEmpty();
    }

    @Test
    void warnsOfPodsThatAStricterLevelWouldNotHaveTaken() {
        for (String name : List.of("b", "a", "c")) {
            store.with(
                    FakeObjectClient.core("pods"),
                    "{metadata: {name: " + name
                            + ", namespace: n}, spec: {hostPID: true, hostIPC: true, containers: []}}");
        }
        store.with(
                FakeObjectClient.core("pods"),
                "{metadata: {name: d, namespace: n}, spec: {containers: [{name: a, ports: [{hostPort: 1}]}]}}",
                "{metadata: {name: fine, namespace: n}, spec: {containers: [{name: a}]}}");
        Request stricter = namespace("{}", "{pod-security.kubernetes.io/enforce: baseline}");
        Request looser = namespace(
                "{pod-security.kubernetes.io/enforce: restricted}", "{pod-security.kubernetes.io/enforce: baseline}");
        Request newer = namespace(
                "{pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/enforce-version: v1.0}",
                "{pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/enforce-version: v1.34}");
        List.of(stricter, looser, newer).forEach(plugin::validate);

        assertThat(stricter.warnings())
                .containsExactly(
                        "existing pods in namespace \"n\" violate the new PodSecurity enforce level \"baseline:latest\"",
                        "a (and 2 other pods): host namespaces",
                        "d: hostPort");
        assertThat(looser.warnings()).isEmpty();
        assertThat(newer.warnings()).first().asString().endsWith("\"baseline:v1.34\"");
    }

    @Test
    void warnsOfPodsAndOfWorkloadsThatWouldMakeThem() {
        Request pod = pod("warned", "{containers: [{name: a}]}");
        Request deployment = request(
                new GroupVersionResource("apps", "v1", "deployments"),
                "{metadata: {name: d, namespace: warned}, spec: {template: {spec: {hostIPC: true, containers: []}}}}");
        plugin.validate(pod);
        plugin.validate(deployment);

        assertThat(pod.warnings())
                .singleElement()
                .asString()
                .startsWith("would violate PodSecurity \"restricted:latest\": ");
        assertThat(deployment.warnings()).singleElement().asString().contains("host namespaces (hostIPC=true)");
    }

    @Test
    void refusesUnknownLevelsOnNamespaces() {
        assertThatThrownBy(() -> plugin.validate(request(
                        FakeObjectClient.core("namespaces"),
                        "metadata: {name: n, labels: {pod-security.kubernetes.io/enforce: strong}}")))
                .hasMessageContaining("must be one of privileged, baseline, restricted");
    }

    private Request pod(String namespace, String spec) {
        return request(
                FakeObjectClient.core("pods"),
                "{metadata: {name: p, namespace: " + namespace + "}, spec: " + spec + "}");
    }

    /// A write of the pod's ephemeral containers.
    private Request joined(String namespace, String before, String after) {
        return update(namespace, "ephemeralcontainers", before, after);
    }

    private Request update(String namespace, String subresource, String before, String after) {
        String pod = "{metadata: {name: p, namespace: " + namespace + "}, spec: %s}";
        return request(
                Operation.UPDATE,
                FakeObjectClient.core("pods"),
                subresource,
                pod.formatted(after),
                FakeObjectClient.yaml(pod.formatted(before)));
    }

    private Request deployment(String namespace) {
        return request(
                new GroupVersionResource("apps", "v1", "deployments"),
                "{metadata: {name: d, namespace: " + namespace
                        + "}, spec: {template: {spec: {hostIPC: true, containers: []}}}}");
    }

    private Request namespace(String oldLabels, String labels) {
        return request(
                Operation.UPDATE,
                FakeObjectClient.core("namespaces"),
                "",
                "{metadata: {name: n, labels: " + labels + "}}",
                FakeObjectClient.yaml("{metadata: {name: n, labels: " + oldLabels + "}}"));
    }

    private Request request(GroupVersionResource resource, String yaml) {
        return request(Operation.CREATE, resource, "", yaml, null);
    }

    private Request request(
            Operation operation,
            GroupVersionResource resource,
            String subresource,
            String yaml,
            @Nullable ObjectNode oldObject) {
        var object = FakeObjectClient.yaml(yaml);
        return new Request(
                operation,
                resource,
                new GroupVersionKind(resource.group(), "v1", "Any"),
                subresource,
                Meta.namespace(object),
                Meta.name(object),
                object,
                oldObject,
                new UserInfo("alice", "", List.of(), Map.of()),
                false,
                store,
                _ -> Authorizer.Decision.NO_OPINION,
                new ArrayList<>(),
                (_, _) -> {});
    }
}
