package io.insula.tenantapi.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.schema.ApiSchema;
import io.insula.tenantapi.schema.SchemaType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Upstream's warnings, by its own cases. Source: kubernetes `pkg/api/pod/warnings_test.go`.
final class PodWarningsTest {

    record Case(String name, String pod, List<String> want) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("nothing", "{spec: {containers: [{name: c, env: [{name: A, value: x}]}]}}", List.of()),
                new Case(
                        "a variable that hides another",
                        "{spec: {containers: [{name: c, env: [{name: A, value: a}, {name: A, value: a}, {name: B}]}]}}",
                        List.of(
                                "spec.containers[0].env[1]: hides previous definition of \"A\", which may be dropped when"
                                        + " using apply")),
                new Case(
                        "a variable that builds on another",
                        "{spec: {containers: [{name: c, env: [{name: A, value: a}, {name: A, value: '$(A)b'}]}]}}",
                        List.of()),
                new Case(
                        "a variable that is itself, or comes from elsewhere",
                        "{spec: {initContainers: [{name: c, env: [{name: A, value: a}, {name: A, value: '$(A)'},"
                                + " {name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}]}}",
                        List.of(
                                "spec.initContainers[0].env[1]: hides previous definition of \"A\", which may be dropped"
                                        + " when using apply",
                                "spec.initContainers[0].env[2]: hides previous definition of \"A\", which may be dropped"
                                        + " when using apply")),
                new Case(
                        "doubled aliases and pull secrets",
                        "{spec: {hostAliases: [{ip: 1.1.1.1}, {ip: 1.1.1.1}, {ip: 2.2.2.2}], imagePullSecrets:"
                                + " [{name: a}, {name: a}, {name: ''}]}}",
                        List.of(
                                "spec.hostAliases[1].ip: duplicate ip \"1.1.1.1\"",
                                "spec.imagePullSecrets[1].name: duplicate name \"a\"",
                                "spec.imagePullSecrets[2].name: invalid empty name \"\"")),
                new Case(
                        "ports",
                        "{spec: {containers: [{name: a, ports: [{containerPort: 80, protocol: TCP}, {containerPort: 80,"
                                + " protocol: TCP, hostPort: 81}, {containerPort: 80, protocol: UDP}]}, {name: b, ports:"
                                + " [{containerPort: 80, protocol: TCP}, {name: h, containerPort: 90, protocol: TCP, hostIP:"
                                + " 1.2.3.4}]}]}}",
                        List.of(
                                "spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]",
                                "spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[0]",
                                "spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[1]",
                                "spec.containers[1].ports[1]: hostIP set without hostPort: {Name:h HostPort:0"
                                        + " ContainerPort:90 Protocol:TCP HostIP:1.2.3.4}")),
                new Case(
                        "ambiguous host ports",
                        "{spec: {containers: [{name: a, ports: [{containerPort: 80, hostPort: 80, protocol: TCP},"
                                + " {containerPort: 80, hostPort: 80, protocol: TCP, hostIP: 1.1.1.1}]}]}}",
                        List.of("spec.containers[0].ports[1]: dangerously ambiguous port definition with"
                                + " spec.containers[0].ports[0]")),
                new Case(
                        "fractions of bytes",
                        "{spec: {overhead: {memory: 1500m}, containers: [{name: a, resources: {limits: {memory: 500m, cpu:"
                                + " 500m}, requests: {memory: 200m, ephemeral-storage: 100m}}}]}}",
                        List.of(
                                "spec.overhead[memory]: fractional byte value \"1500m\" is invalid, must be an integer",
                                "spec.containers[0].resources.limits[memory]: fractional byte value \"500m\" is invalid,"
                                        + " must be an integer",
                                "spec.containers[0].resources.requests[memory]: fractional byte value \"200m\" is invalid,"
                                        + " must be an integer",
                                "spec.containers[0].resources.requests[ephemeral-storage]: fractional byte value \"100m\""
                                        + " is invalid, must be an integer")),
                new Case(
                        "old volumes, old annotations, old labels",
                        "{metadata: {annotations: {scheduler.alpha.kubernetes.io/critical-pod: '',"
                                + " seccomp.security.alpha.kubernetes.io/pod: x}}, spec: {nodeSelector:"
                                + " {beta.kubernetes.io/os: linux}, volumes: [{name: v, gitRepo: {repository: r}}]}}",
                        List.of(
                                "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use"
                                        + " \"kubernetes.io/os\" instead",
                                "metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in"
                                        + " v1.16+; use the \"priorityClassName\" field instead",
                                "metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+;"
                                        + " use the \"seccompProfile\" field instead",
                                "spec.volumes[0].gitRepo: deprecated in v1.11")),
                new Case(
                        "selectors that select nothing",
                        "{spec: {affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey:"
                                + " a}]}, podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1,"
                                + " podAffinityTerm: {topologyKey: a}}]}, nodeAffinity:"
                                + " {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions:"
                                + " [{key: beta.kubernetes.io/arch, operator: Exists}]}]}}}, topologySpreadConstraints:"
                                + " [{topologyKey: a}]}}",
                        List.of(
                                "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution."
                                        + "nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/arch is"
                                        + " deprecated since v1.14; use \"kubernetes.io/arch\" instead",
                                "spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching"
                                        + " no pod",
                                "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector:"
                                        + " a null labelSelector results in matching no pod",
                                "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0]."
                                        + "podAffinityTerm.labelSelector: a null labelSelector results in matching no pod")),
                new Case(
                        "a file in a token's place, a grace below zero",
                        "{spec: {terminationGracePeriodSeconds: -1, volumes: [{name: v, projected: {sources:"
                                + " [{serviceAccountToken: {path: t}}, {configMap: {items: [{key: k, path: t}]}}]}}]}}",
                        List.of(
                                "spec.volumes[0].projected.sources.configMap[0]: has duplicated path with"
                                        + " ServiceAccountToken \"t\"",
                                "spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be"
                                        + " treated as 1")));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void tellsOfAPodWhatUpstreamTells(Case each) {
        assertThat(PodWarnings.ofPod(FakeObjectClient.yaml(each.pod()))).isEqualTo(each.want());
    }

    @Test
    void tellsOfAnAnnotationForAppArmorInTemplatesOnly() {
        String template =
                "{metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/c: unconfined}}, spec:"
                        + " {containers: [{name: c}]}}";

        assertThat(PodWarnings.ofPod(FakeObjectClient.yaml(template))).isEmpty();
        assertThat(PodWarnings.ofTemplate(
                        FakeObjectClient.yaml("{spec: {template: " + template + "}}"), null, "spec.template"))
                .containsExactly("spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]:"
                        + " deprecated since v1.30; use the \"appArmorProfile\" field instead");
    }

    /// Every kind that holds a pod template, whatever it is called: found in the schema.
    @TestFactory
    Stream<DynamicTest> everyKindWithPodsInItTells() {
        var schema = ApiSchema.load();
        var found = new ArrayList<DynamicTest>();
        for (StoredKind kind : AllKinds.of(StoredKind.class)) {
            if (kind.isCustom()) {
                continue;
            }
            SchemaType type = schema.type(kind.spec().kind()).orElseThrow();
            for (String path : templates(type, "", new HashSet<>())) {
                found.add(DynamicTest.dynamicTest(kind.spec().kind() + " " + path, () -> tells(kind, path)));
            }
        }
        assertThat(found).hasSizeGreaterThanOrEqualTo(8);
        return found.stream();
    }

    private static void tells(StoredKind kind, String path) {
        ObjectNode object = Json.object();
        ObjectNode at = object;
        for (String part : path.split("\\.", -1)) {
            at = at.withObjectProperty(part);
        }
        at.setAll(FakeObjectClient.yaml(
                "{spec: {containers: [{name: c, env: [{name: A, value: a}, {name: A, value: b}]}]}}"));
        String want = path + ".spec.containers[0].env[1]: hides previous definition of \"A\", which may be dropped when"
                + " using apply";

        assertThat(kind.warnings(object, null)).containsExactly(want);
        assertThat(kind.warnings(object, object.deepCopy())).as("nothing new").isEmpty();
        ObjectNode old = object.deepCopy();
        JsonNode whole = old.path(path.split("\\.", -1)[0]);
        ((ObjectNode) whole).put("other", "than before");
        assertThat(kind.warnings(object, old)).as("changed").containsExactly(want);
    }

    private static List<String> templates(SchemaType type, String path, Set<String> above) {
        if (type.name().endsWith(".PodTemplateSpec")) {
            return List.of(path);
        }
        if (type.name().isEmpty() || !above.add(type.name())) {
            return List.of();
        }
        List<String> found = type.properties().entrySet().stream()
                .flatMap(each ->
                        templates(each.getValue(), path.isEmpty() ? each.getKey() : path + "." + each.getKey(), above)
                                .stream())
                .toList();
        above.remove(type.name());
        return found;
    }
}
