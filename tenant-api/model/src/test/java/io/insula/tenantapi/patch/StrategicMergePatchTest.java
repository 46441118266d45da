package io.insula.tenantapi.patch;

import static io.insula.tenantapi.schema.Trees.yaml;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.schema.ApiSchema;
import io.insula.tenantapi.schema.SchemaType;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StrategicMergePatchTest {

    private static final String CORE = "io.k8s.api.core.v1.";
    private static final String APPS = "io.k8s.api.apps.v1.";

    record Case(String name, String type, String current, String patch, String want) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> merges() {
        return Stream.of(
                new Case(
                        "containers by name",
                        CORE + "PodSpec",
                        "{containers: [{name: a, image: i1}, {name: b, image: i2}]}",
                        "{containers: [{name: b, image: i3}]}",
                        "{containers: [{name: a, image: i1}, {name: b, image: i3}]}"),
                new Case(
                        "a new container in front where the patch lists it first",
                        CORE + "PodSpec",
                        "{containers: [{name: a}]}",
                        "{containers: [{name: c}], $setElementOrder/containers: [{name: c}, {name: a}]}",
                        "{containers: [{name: c}, {name: a}]}"),
                new Case(
                        "order alone",
                        CORE + "PodSpec",
                        "{containers: [{name: a, image: x}, {name: b}]}",
                        "{$setElementOrder/containers: [{name: b}, {name: a}]}",
                        "{containers: [{name: b}, {name: a, image: x}]}"),
                new Case(
                        "elements of the server stay where they were",
                        CORE + "PodSpec",
                        "{containers: [{name: s1}, {name: a}, {name: s2}, {name: b}, {name: s3}]}",
                        "{$setElementOrder/containers: [{name: a}, {name: n}, {name: b}], containers: [{name: n}]}",
                        "{containers: [{name: s1}, {name: a}, {name: n}, {name: s2}, {name: b}, {name: s3}]}"),
                new Case(
                        "a container deleted",
                        CORE + "PodSpec",
                        "{containers: [{name: a}, {name: b}]}",
                        "{containers: [{$patch: delete, name: a}], $setElementOrder/containers: [{name: b}]}",
                        "{containers: [{name: b}]}"),
                new Case(
                        "the list replaced",
                        CORE + "PodSpec",
                        "{containers: [{name: a}, {name: b}]}",
                        "{containers: [{$patch: replace}, {name: c}]}",
                        "{containers: [{name: c}]}"),
                new Case(
                        "ports by container port",
                        CORE + "Container",
                        "{ports: [{containerPort: 80, protocol: TCP}]}",
                        "{ports: [{containerPort: 80, name: http}, {containerPort: 81}]}",
                        "{ports: [{containerPort: 80, protocol: TCP, name: http}, {containerPort: 81}]}"),
                new Case(
                        "service ports by port",
                        CORE + "ServiceSpec",
                        "{ports: [{port: 80, targetPort: 80, nodePort: 30000}]}",
                        "{ports: [{port: 80, targetPort: 8080}]}",
                        "{ports: [{port: 80, targetPort: 8080, nodePort: 30000}]}"),
                new Case(
                        "env by name, nulls delete",
                        CORE + "Container",
                        "{env: [{name: A, value: '1'}, {name: B, valueFrom: {fieldRef: {fieldPath: x}}}]}",
                        "{env: [{name: B, valueFrom: null, value: '2'}, {name: C, value: '3', valueFrom: null}]}",
                        "{env: [{name: A, value: '1'}, {name: B, value: '2'}, {name: C, value: '3'}]}"),
                new Case(
                        "volumes keep only the retained keys",
                        CORE + "PodSpec",
                        "{volumes: [{name: v, emptyDir: {}}]}",
                        "{volumes: [{name: v, $retainKeys: [name, configMap], configMap: {name: c}}]}",
                        "{volumes: [{name: v, configMap: {name: c}}]}"),
                new Case(
                        "the deployment strategy keeps only the retained keys",
                        APPS + "DeploymentSpec",
                        "{strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}",
                        "{strategy: {$retainKeys: [type], type: Recreate}}",
                        "{strategy: {type: Recreate}}"),
                new Case(
                        "retained keys where there was nothing",
                        APPS + "DeploymentSpec",
                        "{}",
                        "{strategy: {$retainKeys: [type], type: Recreate}}",
                        "{strategy: {type: Recreate}}"),
                new Case(
                        "lists without a strategy are replaced",
                        CORE + "Container",
                        "{args: [a, b]}",
                        "{args: [c]}",
                        "{args: [c]}"),
                new Case(
                        "tolerations are replaced",
                        CORE + "PodSpec",
                        "{tolerations: [{key: a}]}",
                        "{tolerations: [{key: b}]}",
                        "{tolerations: [{key: b}]}"),
                new Case(
                        "finalizers are merged as a set",
                        "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
                        "{finalizers: [a, b]}",
                        "{finalizers: [b, c]}",
                        "{finalizers: [a, b, c]}"),
                new Case(
                        "finalizers deleted from the list",
                        "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
                        "{finalizers: [a, b, c]}",
                        "{$deleteFromPrimitiveList/finalizers: [b], $setElementOrder/finalizers: [c, d], finalizers: [d]}",
                        "{finalizers: [a, c, d]}"),
                new Case(
                        "owners by uid",
                        "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
                        "{ownerReferences: [{uid: u1, name: n1}]}",
                        "{ownerReferences: [{uid: u1, $patch: delete}, {uid: u2, name: n2}]}",
                        "{ownerReferences: [{uid: u2, name: n2}]}"),
                new Case(
                        "conditions by type",
                        CORE + "PodStatus",
                        "{conditions: [{type: Ready, status: 'False'}, {type: Initialized, status: 'True'}]}",
                        "{conditions: [{type: Ready, status: 'True'}], $setElementOrder/conditions: [{type: Ready}]}",
                        "{conditions: [{type: Ready, status: 'True'}, {type: Initialized, status: 'True'}]}"),
                new Case(
                        "labels: added, changed, deleted",
                        "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
                        "{labels: {a: '1', b: '2'}}",
                        "{labels: {a: null, b: '3', c: '4'}}",
                        "{labels: {b: '3', c: '4'}}"),
                new Case(
                        "an object replaced",
                        APPS + "DeploymentSpec",
                        "{template: {metadata: {labels: {a: '1'}}, spec: {nodeName: x}}}",
                        "{template: {$patch: replace, spec: {hostname: h}}}",
                        "{template: {spec: {hostname: h}}}"),
                new Case(
                        "an object emptied",
                        CORE + "PodSpec",
                        "{securityContext: {runAsUser: 1}}",
                        "{securityContext: {$patch: delete}}",
                        "{securityContext: {}}"),
                new Case(
                        "nested keys below nested keys",
                        APPS + "Deployment",
                        "{spec: {template: {spec: {containers: [{name: a, env: [{name: X, value: '1'}],"
                                + " volumeMounts: [{mountPath: /a, name: v}]}]}}}}",
                        "{spec: {template: {spec: {$setElementOrder/containers: [{name: a}], containers: [{name: a,"
                                + " $setElementOrder/env: [{name: X}, {name: Y}], env: [{name: Y, value: '2'}],"
                                + " volumeMounts: [{mountPath: /a, $patch: delete}]}]}}}}",
                        "{spec: {template: {spec: {containers: [{name: a, env: [{name: X, value: '1'},"
                                + " {name: Y, value: '2'}], volumeMounts: []}]}}}}"),
                new Case(
                        "a whole list where there was none",
                        CORE + "PodSpec",
                        "{}",
                        "{$setElementOrder/containers: [{name: a}], containers: [{name: a, image: x, command: null}]}",
                        "{containers: [{name: a, image: x}]}"),
                new Case("a null for nothing", CORE + "PodSpec", "{}", "{nodeName: null}", "{}"));
    }

    @ParameterizedTest
    @MethodSource
    void merges(Case c) {
        var current = yaml(c.current());
        var patch = yaml(c.patch());
        var result = StrategicMergePatch.apply(type(c.type()), current, patch);
        assertThat(result).isEqualTo(yaml(c.want()));
        assertThat(current).as("current is left alone").isEqualTo(yaml(c.current()));
        assertThat(patch).as("the patch is left alone").isEqualTo(yaml(c.patch()));
    }

    static Stream<Case> refuses() {
        return Stream.of(
                new Case(
                        "an element without its key",
                        CORE + "PodSpec",
                        "{containers: [{name: a}]}",
                        "{containers: [{image: x}]}",
                        "does not contain declared merge key: name"),
                new Case(
                        "an unknown directive",
                        CORE + "PodSpec",
                        "{securityContext: {}}",
                        "{securityContext: {$patch: merge}}",
                        "unknown patch type [merge]"),
                new Case(
                        "an order that the patch does not follow",
                        CORE + "PodSpec",
                        "{containers: [{name: a}, {name: b}]}",
                        "{$setElementOrder/containers: [{name: a}], containers: [{name: b, image: x}]}",
                        "The order in patch list"),
                new Case(
                        "a value that is not retained",
                        APPS + "DeploymentSpec",
                        "{strategy: {}}",
                        "{strategy: {$retainKeys: [type], rollingUpdate: {}}}",
                        "invalid patch format of retainKeys"));
    }

    @ParameterizedTest
    @MethodSource
    void refuses(Case c) {
        assertThatThrownBy(() -> StrategicMergePatch.apply(type(c.type()), yaml(c.current()), yaml(c.patch())))
                .isInstanceOfSatisfying(
                        PatchException.class, e -> assertThat(e.toApi().code()).isEqualTo(400))
                .hasMessageContaining(c.want());
    }

    private static SchemaType type(String name) {
        return ApiSchema.load().type(name).orElseThrow();
    }
}
