package io.insula.tenantapi.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Definitions and what is published of them, as upstream's conformance tests use them over HTTP.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CustomResourceConformanceTest {

    private static final String DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private static final String ANYTHING = "{type: object, x-kubernetes-preserve-unknown-fields: true}";
    private static final String FOO = """
            {description: Foo CRD for Testing, type: object, properties: {spec: {type: object, description:
             Specification of Foo, properties: {bars: {description: List of Bars and their specs., type: array, items:
             {type: object, required: [name], properties: {name: {description: Name of Bar., type: string}, age:
             {description: Age of Bar., type: string}, feeling: {type: string, enum: [Great, Down]}, bazs: {description:
             List of Bazs., items: {type: string}, type: array}}}}}}, status: {description: Status of Foo, type: object,
             properties: {bars: {type: array, items: {type: object, properties: {available: {type: boolean}, quxType:
             {type: string}}}}}}}}""";
    private static final String WALDO = """
            {description: Waldo CRD for Testing, type: object, properties: {spec: {description: Specification of Waldo,
             type: object, properties: {dummy: {description: Dummy property., type: object}}}}}""";

    private TestServer server;

    @BeforeAll
    void start() {
        server = new TestServer();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private void undefine(String name) {
        server.delete(DEFINITIONS + "/" + name);
        TestServer.await(name + " to go", () -> !server.has(DEFINITIONS + "/" + name));
    }

    private static String version(JsonNode object) {
        return object.at("/metadata/resourceVersion").asText();
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple"
                            + " CustomResourceDefinition creating/deleting custom resource definition objects works [Conformance]",
            weaker = Conformance.NOTHING)
    void definesAndForgets() {
        server.define("simple.example.com", "foos", "Foo", "Cluster", ANYTHING, "v1beta1");
        TestServer.await("it to be served", () -> server.has("/apis/simple.example.com/v1beta1/foos"));
        undefine("foos.simple.example.com");
        assertThat(server.has("/apis/simple.example.com/v1beta1/foos")).isFalse();
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple"
                    + " CustomResourceDefinition listing custom resource definition objects works [Conformance]",
            weaker = Conformance.NOTHING)
    void listsAndDeletesDefinitionsByLabel() {
        for (int i = 0; i < 10; i++) {
            server.define("l" + i + ".example.com", "foos", "Foo", "Cluster", ANYTHING, "v1");
            server.patch(DEFINITIONS + "/foos.l" + i + ".example.com", "{metadata: {labels: {list: x}}}");
        }
        server.define("unlabelled.example.com", "foos", "Foo", "Cluster", ANYTHING, "v1");
        String labelled = DEFINITIONS + "?labelSelector=list=x";
        assertThat(server.get(labelled).path("items")).hasSize(10);
        server.json(200, server.request("DELETE", labelled, TestServer.JSON, ""));
        TestServer.await("them to go", () -> server.get(labelled).path("items").isEmpty());
        assertThat(server.has(DEFINITIONS + "/foos.unlabelled.example.com")).isTrue();
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple"
                    + " CustomResourceDefinition getting/updating/patching custom resource definition status sub-resource works"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void changesTheStatusOfADefinition() {
        server.define("status.example.com", "foos", "Foo", "Cluster", ANYTHING, "v1");
        String status = DEFINITIONS + "/foos.status.example.com/status";
        ObjectNode current = server.get(status).deepCopy();
        assertThat(current.at("/spec/group").asText()).isEqualTo("status.example.com");
        current.withObject("/status").withArray("/conditions").addObject().put("message", "updated");
        JsonNode updated = server.put(status, current);
        assertThat(updated.at("/status/conditions").findValuesAsText("message")).contains("updated");
        JsonNode patched = server.json(
                200,
                server.raw(
                        "PATCH",
                        status,
                        TestServer.JSON_PATCH,
                        "[{\"op\":\"add\",\"path\":\"/status/conditions\",\"value\":[{\"message\":\"patched\"}]}]"
                                .getBytes(StandardCharsets.UTF_8)));
        assertThat(patched.at("/status/conditions").findValuesAsText("message")).contains("patched");
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] custom resource"
                    + " defaulting for requests and from storage works [Conformance]",
            weaker = Conformance.NOTHING)
    void fillsInDefaultsOnReadAndWrite() {
        server.define(
                "defaults.example.com",
                "foos",
                "Foo",
                "Cluster",
                "{type: object, x-kubernetes-preserve-unknown-fields: true, properties: {a: {type: string}, b: {type:"
                        + " string}}}",
                "v1");
        String foos = "/apis/defaults.example.com/v1/foos";
        assertThat(server.post(foos, "{metadata: {name: cr-1}}").has("a")).isFalse();
        String properties = "/spec/versions/0/schema/openAPIV3Schema/properties";
        change("defaults.example.com", "[{op: add, path: %s/a/default, value: A}]".formatted(properties));
        TestServer.await(
                "the default of a",
                () -> server.get(foos + "/cr-1").path("a").asText().equals("A"));
        assertThat(server.post(foos, "{metadata: {name: cr-2}}").path("a").asText())
                .isEqualTo("A");
        change(
                "defaults.example.com",
                "[{op: remove, path: %s/a/default}, {op: add, path: %s/b/default, value: B}]"
                        .formatted(properties, properties));
        TestServer.await(
                "the default of b",
                () -> server.get(foos + "/cr-2").path("b").asText().equals("B"));
        assertThat(server.get(foos + "/cr-2").path("a").asText()).isEqualTo("A");
        assertThat(server.get(foos + "/cr-1").has("a")).isFalse();
    }

    private void change(String group, String patch) {
        server.json(
                200,
                server.raw(
                        "PATCH",
                        DEFINITIONS + "/foos." + group,
                        TestServer.JSON_PATCH,
                        Json.bytes(TestServer.any(patch))));
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] CustomResourceDefinition Watch [Privileged:ClusterAdmin] CustomResourceDefinition Watch"
                            + " watch on custom resource definition objects [Conformance]",
            weaker = Conformance.NOTHING)
    void watchesOneObjectByName() throws IOException {
        server.define("watch.example.com", "noxus", "Noxu", "Cluster", ANYTHING, "v1beta1");
        String noxus = "/apis/watch.example.com/v1beta1/noxus";
        try (Watched a = server.watch(noxus + "?fieldSelector=metadata.name=name1");
                Watched b = server.watch(noxus + "?fieldSelector=metadata.name=name2")) {
            for (String name : new String[] {"name1", "name2"}) {
                server.post(noxus, "{metadata: {name: " + name + "}, content: {key: value}}");
                server.patch(noxus + "/" + name, "{metadata: {labels: {changed: 'true'}}}");
                server.delete(noxus + "/" + name);
            }
            for (String type : new String[] {"ADDED", "MODIFIED", "DELETED"}) {
                a.expect(type, "name1");
                b.expect(type, "name2");
            }
        }
        assertThat(version(server.get(noxus))).isNotEmpty();
    }

    private JsonNode definition(String group, String version, String kind) {
        String friendly = "com.example." + group + "." + version + "." + kind;
        HttpResponse<String> answer = server.send(server.request("GET", "/openapi/v2", TestServer.JSON, ""));
        assertThat(answer.statusCode()).isEqualTo(200);
        return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8))
                .path("definitions")
                .path(friendly);
    }

    /// As upstream compares: without what every object has and without what tells which kind it is.
    private void awaitDefinition(String group, String version, String kind, String schema) {
        JsonNode want = TestServer.tree(schema);
        TestServer.await(
                version + " to be published",
                () -> !definition(group, version, kind).isMissingNode());
        ObjectNode published = definition(group, version, kind).deepCopy();
        assertThat(published.at("/x-kubernetes-group-version-kind/0/kind").asText())
                .isEqualTo(kind);
        published.remove("x-kubernetes-group-version-kind");
        if (published.get("properties") instanceof ObjectNode properties) {
            assertThat(properties.path("metadata").toString()).contains("ObjectMeta");
            properties.remove("apiVersion");
            properties.remove("kind");
            properties.remove("metadata");
        }
        assertThat((JsonNode) published).isEqualTo(want);
    }

    private void awaitNoDefinition(String group, String version, String kind) {
        TestServer.await(
                version + " to go", () -> definition(group, version, kind).isMissingNode());
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of"
                            + " different groups [Conformance]",
            weaker = Conformance.NOTHING)
    void publishesDefinitionsOfDifferentGroups() {
        server.define("p1.example.com", "foos", "Foo", "Namespaced", FOO, "v1");
        server.define("p2.example.com", "waldos", "Waldo", "Namespaced", WALDO, "v1beta1");
        awaitDefinition("p2", "v1beta1", "Waldo", WALDO);
        awaitDefinition("p1", "v1", "Foo", FOO);
        undefine("foos.p1.example.com");
        awaitNoDefinition("p1", "v1", "Foo");
        awaitDefinition("p2", "v1beta1", "Waldo", WALDO);
    }

    @Test
    @Conformance(
            value = {
                "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of same group but"
                        + " different versions [Conformance]",
                "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of same group and"
                        + " version but different kinds [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void publishesDefinitionsOfOneGroup() {
        server.define("p3.example.com", "multis", "Multi", "Namespaced", FOO, "v2", "v3");
        awaitDefinition("p3", "v3", "Multi", FOO);
        awaitDefinition("p3", "v2", "Multi", FOO);
        server.define("p4.example.com", "foos", "Foo", "Namespaced", FOO, "v4");
        server.define("p4.example.com", "waldos", "Waldo", "Namespaced", WALDO, "v5");
        awaitDefinition("p4", "v5", "Waldo", WALDO);
        awaitDefinition("p4", "v4", "Foo", FOO);
        server.define("p5.example.com", "foos", "Foo", "Namespaced", FOO, "v6");
        server.define("p5.example.com", "waldos", "Waldo", "Namespaced", WALDO, "v6");
        awaitDefinition("p5", "v6", "Waldo", WALDO);
        awaitDefinition("p5", "v6", "Foo", FOO);
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] updates the published spec when"
                            + " one version gets renamed [Conformance]",
            weaker = Conformance.NOTHING)
    void publishesTheNewNameOfAVersion() {
        server.define("p6.example.com", "foos", "Foo", "Namespaced", FOO, "v2", "v3");
        awaitDefinition("p6", "v3", "Foo", FOO);
        change(
                "p6.example.com",
                "[{op: test, path: /spec/versions/1/name, value: v3}, {op: replace, path: /spec/versions/1/name, value:"
                        + " v4}]");
        awaitDefinition("p6", "v4", "Foo", FOO);
        awaitNoDefinition("p6", "v3", "Foo");
        awaitDefinition("p6", "v2", "Foo", FOO);
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] removes definition from spec"
                            + " when one version gets changed to not be served [Conformance]",
            weaker = Conformance.NOTHING)
    void publishesNothingOfAVersionThatIsNotServed() {
        server.define("p7.example.com", "foos", "Foo", "Namespaced", FOO, "v5", "v6alpha1");
        awaitDefinition("p7", "v6alpha1", "Foo", FOO);
        change("p7.example.com", "[{op: replace, path: /spec/versions/1/served, value: false}]");
        awaitNoDefinition("p7", "v6alpha1", "Foo");
        awaitDefinition("p7", "v5", "Foo", FOO);
    }
}
