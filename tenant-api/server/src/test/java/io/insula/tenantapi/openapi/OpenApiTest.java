package io.insula.tenantapi.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class OpenApiTest {

    private static final KindSpec CRON_TAB = KindSpec.namespaced("stable.example.com", "v1", "CronTab", "crontabs");

    private final OpenApi openApi = new OpenApi(
            new BuiltInDocuments(List.of(
                    kind(KindSpec.namespaced("apps", "v1", "Deployment", "deployments")
                            .withStatus()),
                    kind(KindSpec.namespaced("", "v1", "ConfigMap", "configmaps")))),
            List.of(new CustomSchema(CRON_TAB, json("""
                    {"type":"object","properties":{"spec":{"type":"object","properties":{
                    "replicas":{"type":"integer","nullable":true}}}}}"""))));

    @Test
    void namesEachGroupVersionWithTheHashOfItsDocument() {
        JsonNode paths = tree(openApi.v3Index()).path("paths");
        assertThat(paths.path("apis/apps/v1").path("serverRelativeURL").asText())
                .isEqualTo("/openapi/v3/apis/apps/v1?hash="
                        + openApi.v3("apis/apps/v1").orElseThrow().hash());
        assertThat(paths.has("apis/stable.example.com/v1")).isTrue();
    }

    @Test
    void saysThatPatchTakesFieldValidationAndDryRun() {
        JsonNode patch = tree(openApi.v3("apis/apps/v1").orElseThrow())
                .path("paths")
                .path("/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
                .path("patch");
        assertThat(StreamSupport.stream(patch.path("parameters").spliterator(), false)
                        .map(p -> p.path("name").asText()))
                .contains("fieldValidation", "dryRun", "fieldManager", "force");
        assertThat(patch.path("requestBody").path("content").has("application/strategic-merge-patch+json"))
                .isTrue();
        assertThat(patch.path("x-kubernetes-group-version-kind").path("kind").asText())
                .isEqualTo("Deployment");
    }

    /// Go leaves them out when it writes a document again.
    @Test
    void hasNoEmptyListsSoThatItComesThroughGosEncoding() {
        for (String path : List.of("apis/apps/v1", "apis/stable.example.com/v1")) {
            assertThat(tree(openApi.v3(path).orElseThrow()).toString()).as(path).doesNotContain(":[]");
        }
    }

    @Test
    void isSelfContained() {
        JsonNode document = tree(openApi.v3("apis/apps/v1").orElseThrow());
        JsonNode schemas = document.path("components").path("schemas");
        document.findValuesAsText("$ref")
                .forEach(reference -> assertThat(schemas.has(reference.substring("#/components/schemas/".length())))
                        .as(reference)
                        .isTrue());
        assertThat(schemas.path("io.k8s.api.apps.v1.Deployment")
                        .at("/x-kubernetes-group-version-kind/0/group")
                        .asText())
                .isEqualTo("apps");
    }

    @Test
    void publishesCustomResourcesInBothVersions() {
        JsonNode v2 = Json.parse(openApi.v2().json());
        JsonNode cronTab = v2.path("definitions").path("com.example.stable.v1.CronTab");
        assertThat(cronTab.at("/properties/spec/properties/replicas").has("type"))
                .isFalse();
        assertThat(cronTab.at("/properties/metadata/$ref").asText()).endsWith("ObjectMeta");
        JsonNode patch = v2.path("paths")
                .path("/apis/stable.example.com/v1/namespaces/{namespace}/crontabs/{name}")
                .path("patch");
        assertThat(patch.path("consumes").toString())
                .contains("apply-patch+yaml")
                .doesNotContain("strategic");
        assertThat(tree(openApi.v3("apis/stable.example.com/v1").orElseThrow())
                        .at(
                                "/components/schemas/com.example.stable.v1.CronTab/properties/spec/properties/replicas/type")
                        .asText())
                .isEqualTo("integer");
    }

    /// A property may have the name of a keyword; only schemas are reduced, not maps of them.
    @Test
    void tellsKubectlNothingThatItCannotRead() {
        JsonNode spec = v2("""
                {"type":"object","properties":{"spec":{"type":"object","required":["a","not"],"properties":{
                "not":{"type":"string","not":{"enum":["x"]}},
                "a":{"type":"array","nullable":true,"items":{"type":"string"}},
                "b":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"c":{"type":"string"}}},
                "d":{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]}}}}}""").at("/properties/spec");

        assertThat(spec).isEqualTo(json("""
                {"type":"object","required":["not"],"properties":{
                "not":{"type":"string"},
                "a":{},
                "b":{"x-kubernetes-preserve-unknown-fields":true},
                "d":{"x-kubernetes-int-or-string":true}}}"""));
    }

    @Test
    void publishesNothingOfWhatMayHoldAnything() {
        assertThat(v2("{}").path("properties").isMissingNode()).isTrue();
        assertThat(v2("{\"type\":\"object\",\"x-kubernetes-preserve-unknown-fields\":true}")
                        .path("properties")
                        .isMissingNode())
                .isTrue();
    }

    @Test
    void givesEmbeddedObjectsTheFieldsOfEveryObject() {
        JsonNode pod = v2("""
                {"type":"object","properties":{"pod":{"type":"object","x-kubernetes-embedded-resource":true,
                "required":["kind"],"properties":{"spec":{"type":"object"}}}}}""").at("/properties/pod");

        assertThat(pod.path("properties").properties())
                .extracting(Map.Entry::getKey)
                .containsExactlyInAnyOrder("spec", "apiVersion", "kind", "metadata");
        assertThat(pod.path("required").toString()).isEqualTo("[\"kind\",\"apiVersion\"]");
    }

    @Test
    void explainsTheScaleOfACustomResource() {
        KindSpec scalable = CRON_TAB.subresource("scale", new GroupVersionKind("autoscaling", "v1", "Scale"), "get");
        var documents = new OpenApi(
                new BuiltInDocuments(List.of()), List.of(new CustomSchema(scalable, json("{\"type\":\"object\"}"))));

        JsonNode v3 = tree(documents.v3("apis/stable.example.com/v1").orElseThrow());
        v3.findValuesAsText("$ref")
                .forEach(reference -> assertThat(v3.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
        assertThat(v3.findValuesAsText("$ref")).anyMatch(reference -> reference.endsWith(".Scale"));
    }

    private static JsonNode v2(String schema) {
        var documents = new OpenApi(new BuiltInDocuments(List.of()), List.of(new CustomSchema(CRON_TAB, json(schema))));
        return Json.parse(documents.v2().json()).path("definitions").path("com.example.stable.v1.CronTab");
    }

    private static StoredKind kind(KindSpec spec) {
        return () -> spec;
    }

    private static ObjectNode json(String text) {
        return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static ObjectNode tree(Document document) {
        return Json.parse(document.json());
    }
}
