package io.insula.tenantapi.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.schema.SchemaType.ListType;
import io.insula.tenantapi.schema.SchemaType.Shape;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ApiSchemaTest {

    private final ApiSchema schema = ApiSchema.load();

    record Name(String apiVersion, String kind, String definition) {}

    static Stream<Name> namesOfDefinitions() {
        String meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";
        return Stream.of(
                new Name("v1", "Pod", "io.k8s.api.core.v1.Pod"),
                new Name("apps/v1", "Deployment", "io.k8s.api.apps.v1.Deployment"),
                new Name("rbac.authorization.k8s.io/v1", "Role", "io.k8s.api.rbac.v1.Role"),
                new Name("autoscaling/v1", "Scale", "io.k8s.api.autoscaling.v1.Scale"),
                new Name("apps/v1", "DeleteOptions", meta + "DeleteOptions"),
                new Name("v1", "Status", meta + "Status"),
                new Name("meta.k8s.io/v1", "PartialObjectMetadata", meta + "PartialObjectMetadata"),
                new Name(
                        "apiextensions.k8s.io/v1",
                        "CustomResourceDefinition",
                        "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition"),
                new Name(
                        "apiregistration.k8s.io/v1",
                        "APIService",
                        "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService"));
    }

    @ParameterizedTest
    @MethodSource
    void namesOfDefinitions(Name name) {
        assertThat(schema.definitionName(GroupVersionKind.of(name.apiVersion(), name.kind())))
                .contains(name.definition());
    }

    @Test
    void knowsNoKindOfOtherGroups() {
        assertThat(schema.type(GroupVersionKind.of("stable.example.com/v1", "CronTab")))
                .isEmpty();
        assertThat(schema.type(GroupVersionKind.of("stable.example.com/v1", "Status")))
                .isEmpty();
    }

    @Test
    void resolvesEveryReferenceOfEveryDefinition() {
        for (String name : schema.definitionNames()) {
            for (JsonNode ref : schema.definition(name).orElseThrow().findValues("$ref")) {
                if (ref.isTextual()) {
                    String target = ref.asText().replace("#/definitions/", "");
                    assertThat(schema.type(target)).as(name + " -> " + target).isPresent();
                }
            }
        }
    }

    @Test
    void hidesWhatIsNotKubernetes() {
        assertThat(schema.definitionNames()).hasSizeGreaterThan(1150).allMatch(n -> n.startsWith("io.k8s."));
        assertThat(schema.definition("io.k8s.api.core.v1.Pod").orElseThrow().has("x-fabric8-info"))
                .isFalse();
    }

    @Test
    void readsListsMapsAndMergeKeys() {
        SchemaType pod = schema.type("io.k8s.api.core.v1.Pod").orElseThrow();
        SchemaType containers = pod.at("spec", "containers").orElseThrow();
        assertThat(containers.shape()).isEqualTo(Shape.LIST);
        assertThat(containers.listType()).isEqualTo(ListType.MAP);
        assertThat(containers.listMapKeys()).containsExactly("name");
        assertThat(containers.patchMergeKey()).isEqualTo("name");
        assertThat(containers.patchStrategies()).containsExactly("merge");
        assertThat(pod.at("spec", "volumes").orElseThrow().patchStrategies()).containsExactly("merge", "retainKeys");
        SchemaType ports = containers.at("[]", "ports").orElseThrow();
        assertThat(ports.listMapKeys()).containsExactly("containerPort", "protocol");
        assertThat(ports.patchMergeKey()).isEqualTo("containerPort");
        assertThat(pod.at("metadata", "finalizers").orElseThrow().listType()).isEqualTo(ListType.SET);
        assertThat(pod.at("metadata", "labels").orElseThrow().shape()).isEqualTo(Shape.MAP);
        assertThat(pod.at("spec", "nodeSelector").orElseThrow().atomic()).isTrue();
        assertThat(containers
                        .at("[]", "resources", "limits", "cpu")
                        .orElseThrow()
                        .shape())
                .isEqualTo(Shape.QUANTITY);
        assertThat(pod.at("metadata", "creationTimestamp").orElseThrow().shape())
                .isEqualTo(Shape.TIME);
    }

    @Test
    void takesGranularOverAnAtomicType() {
        SchemaType volume = schema.type("io.k8s.api.core.v1.PersistentVolume").orElseThrow();
        assertThat(volume.at("spec", "claimRef").orElseThrow().atomic()).isFalse();
    }

    @Test
    void tellsMarkedDefaultsFromGoZeroValues() {
        SchemaType port = schema.type("io.k8s.api.core.v1.ContainerPort").orElseThrow();
        assertThat(port.at("protocol").orElseThrow().defaultValue())
                .hasValueSatisfying(v -> assertThat(v.asText()).isEqualTo("TCP"));
        SchemaType number = port.at("containerPort").orElseThrow();
        assertThat(number.defaultValue()).isEmpty();
        assertThat(number.keyDefault())
                .hasValueSatisfying(v -> assertThat(v.asInt()).isZero());
    }

    @Test
    void readsSchemasWithinSchemas() {
        SchemaType definition = schema.type(GroupVersionKind.of("apiextensions.k8s.io/v1", "CustomResourceDefinition"))
                .orElseThrow();
        SchemaType root = definition
                .at("spec", "versions", "[]", "schema", "openAPIV3Schema")
                .orElseThrow();
        assertThat(root.at("properties", "a", "properties", "b").orElseThrow().name())
                .isEqualTo(root.name());
        assertThat(root.at("items").orElseThrow().items().name()).isEqualTo(root.name());
    }
}
