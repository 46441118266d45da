package io.insula.tenantapi.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What `fieldValidation=Strict` finds, with the words that upstream's conformance tests look for.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FieldValidationConformanceTest {

    private static final String STRICT = "?fieldManager=field_validation_mgr&fieldValidation=Strict";
    private static final String PROPERTIES = """
            foo: {type: string}, cronSpec: {type: string, pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$'},
            ports: {type: array, x-kubernetes-list-map-keys: [containerPort, protocol], x-kubernetes-list-type: map,
             items: {type: object, required: [containerPort, protocol], properties: {containerPort: {type: integer,
             format: int32}, hostIP: {type: string}, hostPort: {type: integer, format: int32}, name: {type: string},
             protocol: {type: string}}}}""";
    private static final String SCHEMA =
            "{type: object, properties: {spec: {type: object, properties: {" + PROPERTIES + "}}}}";
    private static final String PRESERVING =
            "{type: object, properties: {spec: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {"
                    + PROPERTIES + "}}}}";
    private static final String EMBEDDING =
            "{type: object, properties: {spec: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {"
                    + "template: {type: object, x-kubernetes-embedded-resource: true, properties: {metadata: {type: object,"
                    + " properties: {name: {type: string}}}, spec: {type: object}}}, " + PROPERTIES + "}}}}";

    private final AtomicInteger definitions = new AtomicInteger();
    private TestServer server;

    @BeforeAll
    void start() {
        server = new TestServer();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private String createDeployment(String metadata, String spec) {
        String body = """
                {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "my-dep", %s"labels": {"app": "n"}},
                 "spec": {%s"selector": {"matchLabels": {"app": "n"}}, "template": {"metadata": {"labels": {"app": "n"}},
                 "spec": {"containers": [{"name": "n", "image": "nginx:latest"}]}}}}""".formatted(metadata, spec);
        HttpResponse<String> answer = server.send(server.raw(
                "POST",
                "/apis/apps/v1/namespaces/default/deployments" + STRICT,
                TestServer.JSON,
                body.getBytes(StandardCharsets.UTF_8)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        return answer.body();
    }

    /// Applies an object of a new custom resource with this schema.
    private HttpResponse<String> apply(String schema, String body) {
        String group = "strict" + definitions.incrementAndGet() + ".example.com";
        server.define(group, "noxus", "Noxu", "Cluster", schema, "v1beta1");
        String yaml = "apiVersion: " + group + "/v1beta1\nkind: Noxu\n" + body;
        return server.send(server.raw(
                "PATCH",
                "/apis/" + group + "/v1beta1/noxus/mytest" + STRICT,
                TestServer.APPLY,
                yaml.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] FieldValidation should detect unknown and duplicate fields of a typed object [Conformance]",
            weaker = Conformance.NOTHING)
    void findsUnknownAndDuplicateFields() {
        assertThat(createDeployment("", "\"unknownField\": \"foo\", \"replicas\": 2, \"replicas\": 3, "))
                .contains("strict decoding error: unknown field \\\"spec.unknownField\\\", duplicate field"
                        + " \\\"spec.replicas\\\"");
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] FieldValidation should detect unknown metadata fields of a typed object [Conformance]",
            weaker = Conformance.NOTHING)
    void findsUnknownMetadata() {
        assertThat(createDeployment("\"unknownMeta\": \"foo\", ", ""))
                .contains("strict decoding error: unknown field \\\"metadata.unknownMeta\\\"");
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] FieldValidation should create/apply a valid CR for CRD with validation schema"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void appliesWhatTheSchemaAllows() {
        HttpResponse<String> answer = apply(SCHEMA, """
                metadata:
                  name: mytest
                spec:
                  foo: foo1
                  cronSpec: "* * * * */5"
                  ports:
                  - name: x
                    containerPort: 80
                    protocol: TCP
                """);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] FieldValidation should create/apply a CR with unknown fields for CRD with no"
                    + " validation schema [Conformance]",
            weaker = Conformance.NOTHING)
    void appliesAnythingWhereNothingIsDeclared() {
        HttpResponse<String> answer = apply("{type: object, x-kubernetes-preserve-unknown-fields: true}", """
                metadata:
                  name: mytest
                spec:
                  unknown: uk1
                  cronSpec: "* * * * */5"
                """);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] FieldValidation should create/apply an invalid CR with extra properties for CRD with"
                            + " validation schema [Conformance]",
            weaker = Conformance.NOTHING)
    void refusesFieldsThatTheSchemaDoesNotDeclare() {
        HttpResponse<String> answer = apply(SCHEMA, """
                metadata:
                  name: mytest
                unknownField: unknown
                spec:
                  foo: foo1
                """);
        assertThat(answer.statusCode()).isGreaterThanOrEqualTo(400);
        assertThat(answer.body()).contains(".unknownField: field not declared in schema");
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] FieldValidation should detect unknown metadata fields in both the root and embedded"
                            + " object of a CR [Conformance]",
            weaker = Conformance.NOTHING)
    void findsUnknownMetadataOfEmbeddedObjects() {
        HttpResponse<String> embedded = apply(EMBEDDING, """
                metadata:
                  name: mytest
                spec:
                  template:
                    apiversion: foo/v1
                    kind: Sub
                    metadata:
                      unknownSubMeta: unknown
                      name: subobject
                  foo: foo1
                """);
        assertThat(embedded.statusCode()).isGreaterThanOrEqualTo(400);
        assertThat(embedded.body()).contains(".spec.template.metadata.unknownSubMeta: field not declared in schema");
        HttpResponse<String> root = apply(EMBEDDING, """
                metadata:
                  name: mytest
                  unknownMeta: unknown
                """);
        assertThat(root.body()).contains(".metadata.unknownMeta: field not declared in schema");
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] FieldValidation should detect duplicates in a CR when preserving unknown fields"
                            + " [Conformance]",
            weaker = Conformance.NOTHING)
    void findsDuplicatesThoughUnknownFieldsArePreserved() {
        HttpResponse<String> answer = apply(PRESERVING, """
                metadata:
                  name: mytest
                spec:
                  unknown: uk1
                  foo: foo1
                  foo: foo2
                """);
        assertThat(answer.statusCode()).isGreaterThanOrEqualTo(400);
        assertThat(answer.body()).contains("line 8: key \\\"foo\\\" already set in map");
    }
}
