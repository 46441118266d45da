package io.insula.tenantapi.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.admission.extension.HookServer;
import io.insula.tenantapi.api.Json;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Field selectors of custom resources whose versions differ and are converted by a webhook.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SelectableFieldsConformanceTest {

    private static final String GROUP = "/apis/stable.example.com/";

    private HookServer hooks;
    private TestServer server;

    @BeforeAll
    void start() throws Exception {
        hooks = new HookServer();
        hooks.on("/convert", SelectableFieldsConformanceTest::convert);
        server = TestServer.diallingLoopback();
        server.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
                metadata: {name: hosts.stable.example.com}
                spec:
                  group: stable.example.com
                  scope: Namespaced
                  names: {plural: hosts, kind: Host}
                  conversion:
                    strategy: Webhook
                    webhook: {conversionReviewVersions: [v1, v1beta1], clientConfig: {url: "%s", caBundle: %s}}
                  versions:
                  - {name: v1, served: true, storage: true, selectableFields: [{jsonPath: .hostPort}],
                     schema: {openAPIV3Schema: {type: object, properties: {hostPort: {type: string}}}}}
                  - {name: v2, served: true, storage: false, selectableFields: [{jsonPath: .host}, {jsonPath: .port}],
                     schema: {openAPIV3Schema: {type: object, properties: {host: {type: string}, port: {type: string}}}}}
                """.formatted(
                        hooks.url("/convert"), hooks.caBundle()));
        TestServer.await("it to be served", () -> server.has(GROUP + "v2/hosts"));
    }

    @AfterAll
    void stop() {
        server.close();
        hooks.close();
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] CustomResourceFieldSelectors [Privileged:ClusterAdmin]"
                    + " CustomResourceFieldSelectors MUST list and watch custom resources matching the field selector"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void listsAndWatchesByFieldsOfTheVersionThatIsAskedFor() throws Exception {
        String namespace = server.namespace();
        String v2 = GROUP + "v2/namespaces/" + namespace + "/hosts";
        String v1 = GROUP + "v1/namespaces/" + namespace + "/hosts";
        String byHost = v2 + "?fieldSelector=host%3Dhost1";
        String byHostAndPort = v2 + "?fieldSelector=host%3Dhost1,port%3D80";
        String byBoth = v1 + "?fieldSelector=hostPort%3Dhost1:80";
        try (Watched ofHost = server.watch(byHost);
                Watched ofHostAndPort = server.watch(byHostAndPort);
                Watched ofBoth = server.watch(byBoth);
                Watched informed = server.watch(byHost + "&sendInitialEvents=true&allowWatchBookmarks=true"
                        + "&resourceVersionMatch=NotOlderThan")) {
            server.post(v2, "{metadata: {name: a}, host: host1, port: '80'}");
            server.post(v2, "{metadata: {name: b}, host: host1, port: '8080'}");
            server.post(v2, "{metadata: {name: c}, host: host2}");
            assertThat(names(byHost)).containsExactly("a", "b");
            assertThat(names(byHostAndPort)).containsExactly("a");
            assertThat(names(byBoth)).containsExactly("a");
            assertThat(names(v1 + "?fieldSelector=hostPort%3Dhost1:8080")).containsExactly("b");
            ofHost.expect("ADDED", "a");
            ofHost.expect("ADDED", "b");
            ofHostAndPort.expect("ADDED", "a");
            assertThat(ofBoth.expect("ADDED", "a").path("hostPort").asText()).isEqualTo("host1:80");
            informed.until("ADDED", "/metadata/name", "a");
            informed.until("ADDED", "/metadata/name", "b");

            server.json(200, server.request("DELETE", byHostAndPort, TestServer.JSON, "{gracePeriodSeconds: 0}"));
            ObjectNode moved = server.get(v2 + "/b").deepCopy();
            server.put(v2 + "/b", moved.put("host", "host2"));
            assertThat(names(byHost)).isEmpty();
            assertThat(names(byHostAndPort)).isEmpty();
            assertThat(names(v2)).containsExactly("b", "c");
            ofHost.expect("DELETED", "a");
            ofHost.expect("DELETED", "b");
            ofHostAndPort.expect("DELETED", "a");
            ofBoth.expect("DELETED", "a");
            informed.until("DELETED", "/metadata/name", "a");
            informed.until("DELETED", "/metadata/name", "b");
        }
    }

    @Test
    void refusesAFieldOfTheOtherVersion() {
        JsonNode status = server.refused(
                400, server.request("GET", GROUP + "v1/hosts?fieldSelector=host%3Dhost1", TestServer.JSON, ""));
        assertThat(status.path("message").asText()).contains("field label not supported: host");
    }

    private List<String> names(String path) {
        return server.get(path).path("items").findValues("metadata").stream()
                .map(metadata -> metadata.path("name").asText())
                .toList();
    }

    /// `hostPort` of v1 is `host` and `port` of v2.
    private static ObjectNode convert(JsonNode request) {
        String wanted = request.path("desiredAPIVersion").asText();
        ObjectNode response = Json.object();
        var converted = response.putArray("convertedObjects");
        for (JsonNode object : request.path("objects")) {
            ObjectNode copy = object.deepCopy();
            if (wanted.endsWith("v2")) {
                String[] parts = object.path("hostPort").asText().split(":", 2);
                copy.put("host", parts[0]).put("port", parts[1]).remove("hostPort");
            } else {
                String port = object.path("port").asText();
                copy.put("hostPort", object.path("host").asText() + ":" + port).remove(List.of("host", "port"));
            }
            converted.add(copy.put("apiVersion", wanted));
        }
        response.putObject("result").put("status", "Success");
        return response;
    }
}
