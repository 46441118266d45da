package io.insula.tenantapi.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.http.HttpServerConfig;
import io.insula.tenantapi.http.TestPki;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.micronaut.context.ApplicationContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A whole server over TLS, with every built-in kind, on a store in memory.
final class TenantApiServerTest {

    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final List<ObjectNode> AUDITED = new CopyOnWriteArrayList<>();

    private static ApplicationContext beans;
    private static TestPki pki;
    private static TenantApiServer server;
    private static HttpClient admin;

    @BeforeAll
    static void start() throws Exception {
        beans = ApplicationContext.run();
        pki = new TestPki("CN=tenant-a");
        server = new TenantApiServer(
                beans.getBean(ServerComponents.class),
                ServerConfig.builder(new InMemoryStorage(), LocalServer.keys())
                        .http(HttpServerConfig.loopback(pki.serverTls()))
                        .auditSink(AUDITED::add)
                        .components(components())
                        .build());
        server.start();
        admin = client(pki.client("O=system:masters,CN=admin"));
    }

    private static Map<String, Runnable> components() {
        var all = new LinkedHashMap<String, Runnable>();
        all.put("controller-manager", () -> {});
        all.put("scheduler", () -> {
            throw new IllegalStateException("down for repair");
        });
        return all;
    }

    @AfterAll
    static void stop() {
        server.close();
        beans.close();
    }

    /// Upstream writes a binding past its field managers: whoever binds, by whatever library, owns nothing by it.
    @Test
    void bindsPodsWithoutAFieldManager() throws Exception {
        send("POST", "/api/v1/namespaces/default/serviceaccounts", "{\"metadata\":{\"name\":\"default\"}}");
        String pod = "{\"metadata\":{\"name\":\"bound\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}";
        JsonNode made = json(send("POST", "/api/v1/namespaces/default/pods", pod), 201);

        json(
                send(
                        "POST",
                        "/api/v1/namespaces/default/pods/bound/binding",
                        "{\"metadata\":{\"name\":\"bound\"},\"target\":{\"kind\":\"Node\",\"name\":\"n1\"}}"),
                201);

        JsonNode bound = json(send("GET", "/api/v1/namespaces/default/pods/bound", ""), 200);
        assertThat(bound.at("/spec/nodeName").asText()).isEqualTo("n1");
        assertThat(bound.at("/metadata/managedFields")).isEqualTo(made.at("/metadata/managedFields"));
    }

    @Test
    void createsReadsAndDeletesOverTls() throws Exception {
        String body = "{\"metadata\":{\"name\":\"a\"},\"data\":{\"x\":\"1\"}}";

        JsonNode made = json(send("POST", "/api/v1/namespaces/default/configmaps", body), 201);
        assertThat(made.path("kind").asText()).isEqualTo("ConfigMap");
        assertThat(made.at("/metadata/managedFields/0/manager").asText()).isEqualTo("test");
        JsonNode again = json(send("POST", "/api/v1/namespaces/default/configmaps", body), 409);
        assertThat(again.path("message").asText()).isEqualTo("configmaps \"a\" already exists");
        JsonNode list = json(send("GET", "/api/v1/namespaces/default/configmaps?limit=1", ""), 200);
        assertThat(list.path("kind").asText()).isEqualTo("ConfigMapList");
        assertThat(list.at("/items/0").has("kind")).isFalse();
        json(send("DELETE", "/api/v1/namespaces/default/configmaps/a", ""), 200);
        json(send("GET", "/api/v1/namespaces/default/configmaps/a", ""), 404);
    }

    @Test
    void tellsNothingToWhoeverShowsNoCredentialOfThisTenant() throws Exception {
        TestPki other = new TestPki("CN=tenant-b");
        for (TestPki.Identity stranger : List.of(other.client("O=system:masters,CN=admin"), pki.client("CN=nobody"))) {
            boolean ours =
                    stranger.certificate().getIssuerX500Principal().getName().equals("CN=tenant-a");
            for (String path : List.of(
                    "/api/v1/secrets", "/apis", "/openapi/v2", "/api/v1/namespaces/kube-system/configmaps?watch=1")) {
                HttpResponse<String> answer = send(client(stranger), "GET", path, "");
                boolean discovery = ours && !path.startsWith("/api/v1");
                assertThat(answer.statusCode()).as(path).isEqualTo(discovery ? 200 : ours ? 403 : 401);
            }
        }
        assertThat(send("GET", "/api/v1/namespaces/default/configmaps/..%2f..%2fsecrets", "")
                        .statusCode())
                .isEqualTo(400);
    }

    /// Upstream routes no HEAD for resources, discovery and the version; its other paths answer it with their headers.
    @ParameterizedTest
    @CsvSource({
        "/api/v1/namespaces/default/configmaps, 405",
        "/api/v1/namespaces/default, 405",
        "/api/v1/pods?watch=1, 405",
        "/apis/apps/v1, 405",
        "/version, 405",
        "/, 200",
        "/healthz, 200",
        "/openapi/v2, 200",
        "/openapi/v3/apis/apps/v1, 200",
        "/nope, 404",
    })
    void answersHeadAsUpstream(String path, int status) throws Exception {
        HttpResponse<String> answer = send("HEAD", path, "");

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void recordsEachRequestBeforeItsAnswer() throws Exception {
        HttpResponse<String> answer = send("GET", "/api/v1/namespaces/default/configmaps/not-there", "");

        String id = answer.headers().firstValue("Audit-Id").orElseThrow();
        assertThat(AUDITED)
                .filteredOn(e -> e.path("auditID").asText().equals(id))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.path("stage").asText()).isEqualTo("ResponseComplete");
                    assertThat(event.at("/responseStatus/code").asInt()).isEqualTo(404);
                    assertThat(event.at("/user/username").asText()).isEqualTo("admin");
                    assertThat(event.at("/objectRef/name").asText()).isEqualTo("not-there");
                });
    }

    @Test
    void streamsChangesOfAWatch() throws Exception {
        HttpRequest watch = request("GET", "/api/v1/namespaces/kube-public/configmaps?watch=1&timeoutSeconds=15", "");
        HttpResponse<InputStream> stream = admin.send(watch, BodyHandlers.ofInputStream());
        try (var lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            json(send("POST", "/api/v1/namespaces/kube-public/configmaps", "{\"metadata\":{\"name\":\"w\"}}"), 201);

            JsonNode event = Json.parse(lines.readLine().getBytes(StandardCharsets.UTF_8));
            assertThat(event.path("type").asText()).isEqualTo("ADDED");
            assertThat(event.at("/object/metadata/name").asText()).isEqualTo("w");
        }
    }

    @Test
    void showsAScaleInColumnsOfItsOwn() throws Exception {
        String path = "/apis/apps/v1/namespaces/default/deployments";
        json(send("POST", path, deployment("scaled")), 201);

        JsonNode table =
                json(admin.send(tableOf(path + "/scaled/scale"), BodyHandlers.ofString(StandardCharsets.UTF_8)), 200);

        assertThat(table.path("columnDefinitions").findValuesAsText("name"))
                .containsExactly("Name", "Desired", "Available", "Age");
        assertThat(table.at("/rows/0/cells/1").asInt()).isEqualTo(3);
    }

    /// Kubernetes' own Java client has null for a status that is not there.
    @Test
    void writesTheStatusThatNobodyHasSetYet() throws Exception {
        JsonNode made = json(send("POST", "/apis/apps/v1/namespaces/default/deployments", deployment("fresh")), 201);
        assertThat(made.has("status")).isTrue();

        JsonNode ingress = json(
                send(
                        "POST",
                        "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
                        "{'metadata':{'name':'fresh'},'spec':{'defaultBackend':{'service':{'name':'a','port':{'number':80}}}}}"
                                .replace('\'', '"')),
                201);
        assertThat(ingress.path("status").toString()).isEqualTo("{\"loadBalancer\":{}}");
    }

    @Test
    void tellsHowItsComponentsDo() throws Exception {
        String path = "/api/v1/componentstatuses";

        JsonNode all = json(send("GET", path, ""), 200);
        assertThat(all.path("kind").asText()).isEqualTo("ComponentStatusList");
        assertThat(all.path("metadata").isEmpty()).isTrue();
        assertThat(all.path("items").findValuesAsText("name"))
                .containsExactly("controller-manager", "scheduler", "etcd-0");
        JsonNode etcd = json(send("GET", path + "/etcd-0", ""), 200);
        assertThat(etcd.at("/conditions/0").toString())
                .isEqualTo("{\"type\":\"Healthy\",\"status\":\"True\",\"message\":\"ok\"}");
        JsonNode one = json(send("GET", path + "?fieldSelector=metadata.name%3Dscheduler", ""), 200);
        assertThat(one.at("/items/0/conditions/0/error").asText()).isEqualTo("down for repair");
        assertThat(one.path("items")).hasSize(1);
        JsonNode none = json(send("GET", path + "/kubelet", ""), 500);
        assertThat(none.path("message").asText()).isEqualTo("Component not found: kubelet");
        json(send("GET", path + "?watch=1", ""), 405);

        JsonNode table = json(admin.send(tableOf(path), BodyHandlers.ofString(StandardCharsets.UTF_8)), 200);
        assertThat(table.at("/rows/0/cells").toString()).isEqualTo("[\"controller-manager\",\"Healthy\",\"ok\",\"\"]");
        assertThat(table.at("/rows/1/cells").toString())
                .isEqualTo("[\"scheduler\",\"Unhealthy\",\"\",\"down for repair\"]");
    }

    private static HttpRequest tableOf(String path) {
        return HttpRequest.newBuilder(request("GET", path, ""), (name, value) -> true)
                .setHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
                .build();
    }

    private static String deployment(String name) {
        return """
                {"metadata": {"name": "%s"},
                 "spec": {"replicas": 3, "selector": {"matchLabels": {"a": "b"}},
                  "template": {"metadata": {"labels": {"a": "b"}},
                   "spec": {"containers": [{"name": "c", "image": "i"}]}}}}
                """.formatted(name);
    }

    @Test
    void servesCustomResourcesFromTheMomentTheirDefinitionIsAnswered() throws Exception {
        String definition = """
                {"metadata": {"name": "widgets.example.com"}, "spec": {"group": "example.com", "scope": "Namespaced",
                 "names": {"plural": "widgets", "kind": "Widget"},
                 "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema":
                   {"type": "object", "properties": {"spec": {"type": "object", "properties":
                     {"size": {"type": "integer", "minimum": 1}, "color": {"type": "string", "default": "red"}}}}}}}]}}
                """;
        json(send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition), 201);
        String widgets = "/apis/example.com/v1/namespaces/default/widgets";

        JsonNode made =
                json(send("POST", widgets, "{\"metadata\":{\"name\":\"w\"},\"spec\":{\"size\":2,\"no\":1}}"), 201);
        assertThat(made.at("/spec/color").asText()).isEqualTo("red");
        assertThat(made.path("spec").has("no")).isFalse();
        json(send("POST", widgets, "{\"metadata\":{\"name\":\"v\"},\"spec\":{\"size\":0}}"), 422);
        assertThat(json(send("GET", "/apis/example.com/v1", ""), 200)
                        .at("/resources/0/kind")
                        .asText())
                .isEqualTo("Widget");
    }

    @Test
    void refusesAnOwnerThatMayNotOwn() throws Exception {
        String owned = """
                {"metadata":{"name":"owned","ownerReferences":[
                {"apiVersion":"%s","kind":"Event","name":"e","uid":"1"}]}}""";
        JsonNode refused = json(send("POST", "/api/v1/namespaces/default/configmaps", owned.formatted("v1")), 422);
        assertThat(refused.path("message").asText()).contains("is disallowed from being an owner");
        json(send("POST", "/api/v1/namespaces/default/configmaps", owned.formatted("events.k8s.io/v1")), 201);
    }

    @Test
    void answersWrongUrlsAndMethodsAsUpstream() throws Exception {
        assertThat(json(send("GET", "/api/v1/nonsense", ""), 404)
                        .path("message")
                        .asText())
                .isEqualTo("the server could not find the requested resource");
        json(send("PUT", "/api/v1/namespaces/default/configmaps", "{}"), 405);
        json(send("GET", "/api/v1/namespaces/default/configmaps/a/log", ""), 404);
        json(send("GET", "/api/v1/namespaces/default/pods/a/exec/more", ""), 404);
        assertThat(send("GET", "/nonsense", "").statusCode()).isEqualTo(404);
        assertThat(send("GET", "/readyz", "").body()).isEqualTo("ok");
    }

    @Test
    void twoServersOfOneJvmShareNothing() throws Exception {
        TestPki other = new TestPki("CN=tenant-b");
        var config = ServerConfig.builder(new InMemoryStorage(), LocalServer.keys())
                .http(HttpServerConfig.loopback(other.serverTls()))
                .build();
        try (var second = new TenantApiServer(beans.getBean(ServerComponents.class), config)) {
            second.start();
            json(send("POST", "/api/v1/namespaces", "{\"metadata\":{\"name\":\"only-here\"}}"), 201);
            HttpClient theirs = client(other, other.client("O=system:masters,CN=admin"));

            String url = "https://127.0.0.1:" + second.port() + "/api/v1/namespaces/only-here";
            var get = HttpRequest.newBuilder(URI.create(url)).timeout(DEADLINE).build();
            assertThat(theirs.send(get, BodyHandlers.ofString()).statusCode()).isEqualTo(404);
            assertThatThrownBy(() -> admin.send(get, BodyHandlers.ofString())).isInstanceOf(IOException.class);
        }
    }

    private static HttpClient client(TestPki.Identity identity) throws Exception {
        return client(pki, identity);
    }

    private static HttpClient client(TestPki trusted, TestPki.Identity identity) throws Exception {
        return HttpClient.newBuilder()
                .sslContext(trusted.clientContext(identity))
                .connectTimeout(DEADLINE)
                .build();
    }

    private static HttpResponse<String> send(String method, String path, String body) throws Exception {
        return send(admin, method, path, body);
    }

    private static HttpResponse<String> send(HttpClient client, String method, String path, String body)
            throws Exception {
        return client.send(request(method, path, body), BodyHandlers.ofString());
    }

    private static HttpRequest request(String method, String path, String body) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + path))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", "application/json")
                .header("User-Agent", "test/1.0")
                .timeout(DEADLINE)
                .build();
    }

    private static JsonNode json(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8));
    }
}
