package io.insula.tenantapi.schema;

import static io.insula.tenantapi.schema.Trees.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import io.insula.rules.resources.Quantity;
import io.insula.tenantapi.schema.FieldChecker.TypeError;
import io.insula.tenantapi.wire.OmittedZeros;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FieldCheckerTest {

    private final ApiSchema schema = ApiSchema.load();

    record Case(String name, String definition, String object, List<String> unknown, List<String> errors) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> findings() {
        String deployment = "io.k8s.api.apps.v1.Deployment";
        return Stream.of(
                new Case(
                        "nothing",
                        deployment,
                        "{spec: {replicas: 1}, metadata: {labels: {x: y}}}",
                        List.of(),
                        List.of()),
                new Case(
                        "unknown fields at every depth",
                        deployment,
                        "{x: 1, spec: {y: 1, template: {spec: {containers: [{name: a}, {name: b, z: {}}]}}},"
                                + " metadata: {foo: 1}}",
                        List.of("x", "spec.y", "spec.template.spec.containers[1].z", "metadata.foo"),
                        List.of()),
                new Case("case matters", deployment, "{spec: {Replicas: 1}}", List.of("spec.Replicas"), List.of()),
                new Case(
                        "text for a number",
                        deployment,
                        "{spec: {replicas: \"1\"}}",
                        List.of(),
                        List.of("json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas"
                                + " of type int32")),
                new Case(
                        "a fraction for an integer",
                        deployment,
                        "{spec: {replicas: 1.5}}",
                        List.of(),
                        List.of("json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas"
                                + " of type int32")),
                new Case(
                        "more than 32 bits",
                        deployment,
                        "{spec: {replicas: 3000000000}}",
                        List.of(),
                        List.of("json: cannot unmarshal number 3000000000 into Go struct field"
                                + " DeploymentSpec.spec.replicas of type int32")),
                new Case(
                        "a number for text within lists",
                        deployment,
                        "{spec: {template: {spec: {containers: [{name: 1}]}}}}",
                        List.of(),
                        List.of("json: cannot unmarshal number into Go struct field"
                                + " Container.spec.template.spec.containers.name of type string")),
                new Case(
                        "an object for a list",
                        deployment,
                        "{spec: {template: {spec: {containers: {}}}}}",
                        List.of(),
                        List.of("json: cannot unmarshal object into Go struct field"
                                + " PodSpec.spec.template.spec.containers of type []v1.Container")),
                new Case(
                        "a number in labels",
                        deployment,
                        "{metadata: {labels: {a: 1}}}",
                        List.of(),
                        List.of("json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels"
                                + " of type string")),
                new Case(
                        "text for an object",
                        deployment,
                        "{spec: a}",
                        List.of(),
                        List.of("json: cannot unmarshal string into Go struct field Deployment.spec"
                                + " of type v1.DeploymentSpec")),
                new Case(
                        "quantities may be numbers",
                        "io.k8s.api.core.v1.ResourceQuota",
                        "{spec: {hard: {a: 1, b: 1.5, c: 100m, d: 1Gi, e: 1e3}}}",
                        List.of(),
                        List.of()),
                new Case(
                        "wrong quantities",
                        "io.k8s.api.core.v1.ResourceQuota",
                        "{spec: {hard: {a: x, b: 1KK}}}",
                        List.of(),
                        List.of(Quantity.ERROR, "unable to parse quantity's suffix")),
                new Case(
                        "ports by name or number",
                        "io.k8s.api.core.v1.Service",
                        "{spec: {ports: [{targetPort: http}, {targetPort: 80}]}}",
                        List.of(),
                        List.of()),
                new Case(
                        "raw extensions may hold anything",
                        "io.k8s.api.apps.v1.ControllerRevision",
                        "{data: {a: [1, {b: c}]}, revision: 1}",
                        List.of(),
                        List.of()),
                new Case(
                        "unknown fields of schemas, not of their values",
                        "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition",
                        "{spec: {versions: [{schema: {openAPIV3Schema: {typ: x, default: {a: 1},"
                                + " properties: {p: {items: {typ: x}, additionalProperties: true}}}}}]}}",
                        List.of(
                                "spec.versions[0].schema.openAPIV3Schema.typ",
                                "spec.versions[0].schema.openAPIV3Schema.properties.p.items.typ"),
                        List.of()));
    }

    @ParameterizedTest
    @MethodSource
    void findings(Case c) {
        var object = yaml(c.object());
        var before = object.deepCopy();
        var found = FieldChecker.check(schema.type(c.definition()).orElseThrow(), object);
        assertThat(found.unknownFields()).isEqualTo(c.unknown());
        assertThat(found.typeErrors()).extracting(TypeError::message).isEqualTo(c.errors());
        assertThat(object).isEqualTo(before);
    }

    @Test
    void saysWhereAValueIsThatCannotBeRead() {
        var object = yaml("{spec: {containers: [{}, {resources: {limits: {cpu: 1KK}}}], nodeName: 7}}");
        var found = FieldChecker.check(schema.type("io.k8s.api.core.v1.Pod").orElseThrow(), object);
        assertThat(found.typeErrors())
                .extracting(TypeError::field)
                .containsExactly("spec.containers[1].resources.limits.cpu", "spec.nodeName");
    }

    @Test
    void decodesAsTypedStructuresWould() {
        var object = yaml("""
                metadata:
                  creationTimestamp: null
                  labels: {}
                  annotations: {a: null}
                  deletionTimestamp: "2024-05-01T10:00:00.123+02:00"
                  managedFields: []
                x: 1
                spec:
                  securityContext: {}
                  volumes: []
                  containers:
                  - name: c
                    y: 2
                    resources: {limits: {cpu: 1000m, memory: 1024Mi, z: 2}, requests: {}}
                """);
        FieldChecker.dropUnknown(schema.type("io.k8s.api.core.v1.Pod").orElseThrow(), object);
        assertThat(object).isEqualTo(yaml("""
                metadata:
                  annotations: {a: ""}
                  deletionTimestamp: "2024-05-01T08:00:00Z"
                  managedFields: []
                spec:
                  securityContext: {}
                  containers:
                  - name: c
                    resources: {limits: {cpu: "1", memory: 1Gi, z: "2"}}
                """));
    }

    static Stream<List<String>> zeros() {
        return Stream.of(
                List.of(
                        "io.k8s.api.core.v1.PodSpec",
                        "{hostNetwork: false, hostUsers: false, hostname: '', priority: 0, containers: [{name: a,"
                                + " imagePullPolicy: '', tty: false, env: [{name: E, value: ''}],"
                                + " securityContext: {runAsUser: 0, privileged: false}}]}",
                        "{hostUsers: false, priority: 0, containers: [{name: a, env: [{name: E}],"
                                + " securityContext: {runAsUser: 0, privileged: false}}]}"),
                List.of(
                        "io.k8s.api.apps.v1.DeploymentSpec",
                        "{replicas: 0, minReadySeconds: 0, paused: false, revisionHistoryLimit: 0}",
                        "{replicas: 0, revisionHistoryLimit: 0}"),
                List.of(
                        "io.k8s.api.core.v1.ServiceSpec",
                        "{type: '', clusterIP: '', publishNotReadyAddresses: false, ports: [{port: 1, nodePort: 0,"
                                + " protocol: '', targetPort: 0}], allocateLoadBalancerNodePorts: false}",
                        "{ports: [{port: 1, targetPort: 0}], allocateLoadBalancerNodePorts: false}"),
                // what stands in an embedded struct, and what does so in another message
                List.of(
                        "io.k8s.api.core.v1.EnvFromSource",
                        "{prefix: '', configMapRef: {name: '', optional: false}}",
                        "{configMapRef: {optional: false}}"),
                List.of(
                        "io.k8s.api.core.v1.EphemeralContainer",
                        "{name: a, stdin: false, restartPolicy: '', targetContainerName: ''}",
                        "{name: a, restartPolicy: ''}"),
                List.of(
                        "io.k8s.api.rbac.v1.Subject",
                        "{kind: User, name: '', namespace: ''}",
                        "{kind: User, name: ''}"),
                List.of(
                        "io.k8s.api.admissionregistration.v1.RuleWithOperations",
                        "{operations: [CREATE], scope: ''}",
                        "{operations: [CREATE], scope: ''}"),
                List.of(
                        "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps",
                        "{type: '', nullable: false, minLength: 0, properties: {a: {description: ''}}}",
                        "{minLength: 0, properties: {a: {}}}"),
                List.of(
                        "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec",
                        "{group: '', insecureSkipTLSVerify: false, versionPriority: 0}",
                        "{versionPriority: 0}"),
                List.of(
                        "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
                        "{name: a, namespace: '', generation: 0, deletionGracePeriodSeconds: 0, labels: {a: ''}}",
                        "{name: a, deletionGracePeriodSeconds: 0, labels: {a: ''}}"));
    }

    /// Go's `omitempty`: what the same object is after protobuf, which tells no zeros at all.
    @ParameterizedTest
    @MethodSource
    void zeros(List<String> definitionGivenAndKept) {
        SchemaType type = schema.type(definitionGivenAndKept.getFirst()).orElseThrow();
        var object = yaml(definitionGivenAndKept.get(1));
        assertThat(FieldChecker.decode(type, object).typeErrors()).isEmpty();
        assertThat(object).isEqualTo(yaml(definitionGivenAndKept.getLast()));
    }

    @Test
    void leavesOutOnlyZerosOfFieldsThatThereAre() {
        var later = List.of("observedGeneration", "shardSelector"); // the messages are of a later version
        for (String name : schema.definitionNames()) {
            SchemaType type = schema.type(name).orElseThrow();
            if (type.shape() == SchemaType.Shape.OBJECT) {
                assertThat(OmittedZeros.of(name))
                        .as(name)
                        .allMatch(field ->
                                later.contains(field) || type.property(field).isPresent());
            }
        }
    }

    @Test
    void keepsMicroseconds() {
        var object = yaml("{spec: {renewTime: '2024-05-01T10:00:00.123456789Z', acquireTime: '2024-05-01T10:00:00Z'}}");
        FieldChecker.dropUnknown(schema.type("io.k8s.api.coordination.v1.Lease").orElseThrow(), object);
        assertThat(object)
                .isEqualTo(yaml("{spec: {renewTime: '2024-05-01T10:00:00.123456Z',"
                        + " acquireTime: '2024-05-01T10:00:00.000000Z'}}"));
    }
}
