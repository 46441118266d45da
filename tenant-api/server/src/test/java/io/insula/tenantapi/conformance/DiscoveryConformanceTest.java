package io.insula.tenantapi.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import io.insula.tenantapi.api.Json;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What the server says that it serves, in the forms that upstream's conformance tests ask for.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DiscoveryConformanceTest {

    private static final String AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    private static final List<String> EXPECTED = List.of(
            "admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
            "apiextensions.k8s.io/v1/customresourcedefinitions",
            "apiregistration.k8s.io/v1/apiservices",
            "apps/v1/deployments",
            "authentication.k8s.io/v1/tokenreviews",
            "authorization.k8s.io/v1/selfsubjectaccessreviews",
            "autoscaling/v1/horizontalpodautoscalers",
            "autoscaling/v2/horizontalpodautoscalers",
            "batch/v1/jobs",
            "certificates.k8s.io/v1/certificatesigningrequests",
            "coordination.k8s.io/v1/leases",
            "discovery.k8s.io/v1/endpointslices",
            "events.k8s.io/v1/events",
            "networking.k8s.io/v1/ingresses",
            "node.k8s.io/v1/runtimeclasses",
            "policy/v1/poddisruptionbudgets",
            "scheduling.k8s.io/v1/priorityclasses",
            "storage.k8s.io/v1/csinodes");

    private TestServer server;

    @BeforeAll
    void start() {
        server = new TestServer();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Set<String> aggregated(String path) {
        HttpResponse<String> answer =
                server.send(server.request("GET", path, TestServer.JSON, "").setHeader("Accept", AGGREGATED));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains(AGGREGATED);
        var found = new HashSet<String>();
        JsonNode list = Json.parse(answer.body().getBytes(StandardCharsets.UTF_8));
        assertThat(list.path("kind").asText()).isEqualTo("APIGroupDiscoveryList");
        for (JsonNode group : list.path("items")) {
            for (JsonNode version : group.path("versions")) {
                for (JsonNode resource : version.path("resources")) {
                    found.add(group.at("/metadata/name").asText() + "/"
                            + version.path("version").asText() + "/"
                            + resource.path("resource").asText());
                }
            }
        }
        return found;
    }

    @Test
    @Conformance(
            value = {
                "[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers"
                        + " [Conformance]",
                "[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void tellsAllInOneDocument() {
        assertThat(aggregated("/apis")).containsAll(EXPECTED);
        assertThat(aggregated("/api")).contains("/v1/namespaces", "/v1/pods");
    }

    @Test
    @Conformance(
            value = {
                "[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery request for CRDs [Conformance]",
                "[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface for CRDs [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void tellsOfCustomResourcesWhileTheyAreDefined() {
        JsonNode made = server.define(
                "agg.example.com",
                "testcrds",
                "testcrd",
                "Namespaced",
                "{type: object, x-kubernetes-preserve-unknown-fields: true}",
                "v1");
        TestServer.await("it to be told", () -> aggregated("/apis").contains("agg.example.com/v1/testcrds"));
        server.delete("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"
                + made.at("/metadata/name").asText());
        TestServer.await("it to go", () -> !aggregated("/apis").contains("agg.example.com/v1/testcrds"));
    }

    @Test
    @Conformance(
            value = {
                "[sig-api-machinery] Discovery should validate PreferredVersion for each APIGroup [Conformance]",
                "[sig-api-machinery] Discovery should locate the groupVersion and a resource within each APIGroup [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void answersGroupByGroup() {
        JsonNode groups = server.get("/apis/").path("groups");
        assertThat(groups).isNotEmpty();
        for (JsonNode listed : groups) {
            JsonNode group = server.get("/apis/" + listed.path("name").asText() + "/");
            assertThat(group.path("versions").findValuesAsText("groupVersion"))
                    .contains(group.at("/preferredVersion/groupVersion").asText());
        }
        for (String expected : EXPECTED) {
            int slash = expected.lastIndexOf('/');
            JsonNode resources = server.get("/apis/" + expected.substring(0, slash));
            assertThat(resources.path("groupVersion").asText()).isEqualTo(expected.substring(0, slash));
            assertThat(resources.path("resources").findValuesAsText("name")).contains(expected.substring(slash + 1));
        }
        assertThat(server.get("/api/v1").path("resources").findValuesAsText("name"))
                .contains("namespaces");
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] should include custom"
                            + " resource definition resources in discovery documents [Conformance]",
            weaker = Conformance.NOTHING)
    void tellsOfDefinitions() {
        assertThat(server.get("/apis").path("groups").findValuesAsText("name")).contains("apiextensions.k8s.io");
        JsonNode group = server.get("/apis/apiextensions.k8s.io");
        assertThat(group.path("name").asText()).isEqualTo("apiextensions.k8s.io");
        assertThat(group.path("versions").findValuesAsText("version")).contains("v1");
        assertThat(server.get("/apis/apiextensions.k8s.io/v1").path("resources").findValuesAsText("name"))
                .contains("customresourcedefinitions");
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should include webhook resources in"
                    + " discovery documents [Conformance]",
            weaker = Conformance.NOTHING)
    void tellsOfWebhooks() {
        String group = "admissionregistration.k8s.io";
        assertThat(server.get("/apis").path("groups").findValuesAsText("name")).contains(group);
        assertThat(server.get("/apis/" + group).path("versions").findValuesAsText("groupVersion"))
                .contains(group + "/v1");
        assertThat(server.get("/apis/" + group + "/v1").path("resources").findValuesAsText("name"))
                .contains("mutatingwebhookconfigurations", "validatingwebhookconfigurations");
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] server version should find the server version [Conformance]",
            weaker = Conformance.NOTHING)
    void saysItsVersionInDigits() {
        JsonNode version = server.get("/version");
        assertThat(Pattern.matches("[1-9]", version.path("major").asText())).isTrue();
        assertThat(Pattern.matches("[0-9]+", version.path("minor").asText())).isTrue();
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] Servers with support for Table transformation should return a 406 for a backend which"
                            + " does not implement metadata [Conformance]",
            weaker = Conformance.NOTHING)
    void refusesTablesOfReviews() {
        var request = server.request(
                        "POST",
                        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                        TestServer.JSON,
                        "{spec: {nonResourceAttributes: {path: '/', verb: GET}}}")
                .setHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io");
        JsonNode status = server.refused(406, request);
        assertThat(status.path("reason").asText()).isEqualTo("NotAcceptable");
    }

    /// Upstream's does not say it of tables, whose body does.
    @Test
    void namesThePlainTypeOfTables() {
        var answer = server.send(server.request("GET", "/api/v1/namespaces", TestServer.JSON, "")
                .setHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"));
        assertThat(answer.body()).contains("\"kind\":\"Table\"");
        assertThat(answer.headers().firstValue("Content-Type")).contains(TestServer.JSON);
    }
}
