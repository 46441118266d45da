package io.insula.tenantapi.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import io.insula.tenantapi.aggregation.ProxyIdentity;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.egress.Destination;
import io.insula.tenantapi.egress.EgressPolicy;
import io.insula.tenantapi.http.HttpServerConfig;
import io.insula.tenantapi.http.ServerTls;
import io.insula.tenantapi.http.TestPki;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.insula.tenantapi.webhook.WebhookFailure;
import io.micronaut.context.ApplicationContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/// A server with another one behind it, over TLS on both sides; and whoever tries to profit from that.
@TestMethodOrder(MethodOrderer.MethodName.class)
final class AggregationTest {

    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final String FLUNDERS = AggregatedBackend.PATH + "/namespaces/default/flunders";
    private static final String API_SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices";

    private static ApplicationContext beans;
    private static TestPki pki;
    private static TestPki proxies;
    private static final AtomicReference<@Nullable ProxyIdentity> shown = new AtomicReference<>();
    private static TestPki services;
    private static AggregatedBackend backend;
    private static TenantApiServer server;
    private static HttpClient admin;

    @BeforeAll
    static void start() throws Exception {
        beans = ApplicationContext.run();
        pki = new TestPki("CN=tenant-a");
        proxies = new TestPki("CN=tenant-a-front-proxy");
        services = new TestPki("CN=tenant-a-services");
        backend = new AggregatedBackend(services.server("api.default.svc"), proxies.certificate());
        TestPki.Identity own = pki.server();
        shown.set(identity("CN=front-proxy-client"));
        var tls = new ServerTls(
                List.of(own.certificate()), own.key(), List.of(pki.certificate()), List.of(proxies.certificate()));
        server = new TenantApiServer(
                beans.getBean(ServerComponents.class),
                ServerConfig.builder(new InMemoryStorage(), LocalServer.keys())
                        .http(HttpServerConfig.loopback(tls))
                        .frontProxy(() -> Objects.requireNonNull(shown.get()))
                        .serviceResolver(client -> AggregationTest::resolve)
                        .egress(EgressPolicy.CLOSED.opening(List.of(AddressBlock.of("127.0.0.0/8"))))
                        .build());
        server.start();
        admin = client(pki.client("O=system:masters,CN=admin"));
        service("api", true);
        json(201, "POST", API_SERVICES, apiService("v1alpha1", "wardle.example.com", "api", bundle(services)));
        await("the server behind", AggregationTest::isAvailable);
    }

    @AfterAll
    static void stop() {
        server.close();
        backend.close();
        beans.close();
    }

    @Test
    void keepsAnApiServiceForEverythingThatItServesItself() throws Exception {
        await("the core group", () -> send("GET", API_SERVICES + "/v1.", "").statusCode() == 200);
        JsonNode apps = json(200, "GET", API_SERVICES + "/v1.apps", "");
        assertThat(apps.at("/metadata/labels/kube-aggregator.kubernetes.io~1automanaged")
                        .asText())
                .isEqualTo("onstart");
        assertThat(apps.at("/spec/groupPriorityMinimum").asInt()).isEqualTo(17800);
        assertThat(apps.at("/status/conditions/0/reason").asText()).isEqualTo("Local");

        json(201, "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
                {"metadata": {"name": "shoes.example.com"}, "spec": {"group": "example.com", "scope": "Namespaced",
                 "names": {"plural": "shoes", "singular": "shoe", "kind": "Shoe"},
                 "versions": [{"name": "v1", "served": true, "storage": true,
                               "schema": {"openAPIV3Schema": {"type": "object"}}}]}}""");
        await(
                "the custom group",
                () -> send("GET", API_SERVICES + "/v1.example.com", "")
                        .body()
                        .contains("\"kube-aggregator.kubernetes.io/automanaged\":\"true\""));
        json(200, "DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/shoes.example.com", "");
        await("its end", () -> send("GET", API_SERVICES + "/v1.example.com", "").statusCode() == 404);
    }

    @Test
    void sendsRequestsOnWithItsCertificateAndTheUser() throws Exception {
        HttpResponse<String> answer = send(
                admin,
                request("POST", FLUNDERS + "?fieldManager=test", "{\"kind\":\"Flunder\"}")
                        .header("Authorization", "Basic c2VjcmV0")
                        .header("X-Remote-User", "system:admin")
                        .header("X-Remote-Group", "system:nodes")
                        .header("X-Remote-Extra-Scopes", "all"));

        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(answer.headers().firstValue("Audit-Id")).isPresent();
        AggregatedBackend.Seen seen = lastSeen();
        assertThat(seen.header("Audit-id"))
                .containsExactly(answer.headers().firstValue("Audit-Id").orElseThrow());
        assertThat(seen.path()).isEqualTo(FLUNDERS + "?fieldManager=test");
        assertThat(seen.body()).isEqualTo("{\"kind\":\"Flunder\"}");
        assertThat(seen.certificate()).isEqualTo("CN=front-proxy-client");
        assertThat(seen.header("X-remote-user")).containsExactly("admin");
        assertThat(seen.header("X-remote-group")).containsExactlyInAnyOrder("system:masters", "system:authenticated");
        assertThat(seen.headers()).doesNotContainKeys("Authorization", "X-remote-extra-scopes");
    }

    /// Its authority is replaced while servers behind are asked.
    @Test
    void showsAnotherCertificateFromTheNextRequestOn() throws Exception {
        send("GET", FLUNDERS, "");
        assertThat(lastSeen().certificate()).isEqualTo("CN=front-proxy-client");
        try {
            shown.set(identity("CN=another"));
            send("GET", FLUNDERS, "");
            assertThat(lastSeen().certificate()).isEqualTo("CN=another");
        } finally {
            shown.set(identity("CN=front-proxy-client"));
        }
        send("GET", FLUNDERS, "");
        assertThat(lastSeen().certificate()).isEqualTo("CN=front-proxy-client");
    }

    private static ProxyIdentity identity(String name) throws Exception {
        TestPki.Identity made = proxies.client(name);
        return new ProxyIdentity(List.of(made.certificate()), made.key());
    }

    @Test
    void tellsWhomTheUserActsAs() throws Exception {
        send(
                admin,
                request("GET", FLUNDERS, "")
                        .header("Impersonate-User", "jane")
                        .header("Impersonate-Group", "system:masters")
                        .header("Impersonate-Uid", "7")
                        .header("Impersonate-Extra-example.com%2fteam", "red"));

        AggregatedBackend.Seen seen = lastSeen();
        assertThat(seen.header("X-remote-user")).containsExactly("jane");
        assertThat(seen.header("X-remote-uid")).containsExactly("7");
        assertThat(seen.header("X-remote-extra-example.com%2fteam")).containsExactly("red");
        assertThat(seen.headers().keySet())
                .noneMatch(name -> name.toLowerCase(java.util.Locale.ROOT).startsWith("impersonate-"));
    }

    @Test
    void asksItsOwnRulesBeforeAnybodyBehind() throws Exception {
        int before = backend.seen().size();

        HttpResponse<String> answer = send(client(pki.client("CN=nobody")), request("GET", FLUNDERS, ""));

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("flunders.wardle.example.com is forbidden: User \\\"nobody\\\" cannot list");
        assertThat(backend.seen()).hasSize(before);
    }

    @Test
    void passesWatchesOnAsTheyCome() throws Exception {
        HttpResponse<java.io.InputStream> answer =
                admin.send(request("GET", FLUNDERS + "?watch=true", "").build(), BodyHandlers.ofInputStream());
        try (var lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo("{\"type\":\"ADDED\"}");
            backend.releaseSecondEvent();
            assertThat(lines.readLine()).isEqualTo("{\"type\":\"DELETED\"}");
            assertThat(lines.readLine()).isNull();
        }
    }

    @Test
    void passesLongAnswersOnWhole() {
        assertThat(send("GET", FLUNDERS + "/huge", "").body()).hasSize(5_000_000);
    }

    @Test
    void letsNobodyTakeAPartForTheWhole() {
        assertThatThrownBy(() ->
                        admin.send(request("GET", FLUNDERS + "/broken", "").build(), BodyHandlers.ofString()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void passesNoPathOnThatCouldBeUnderstoodOtherwise() {
        int before = backend.seen().size();
        for (String path : List.of("/../../secrets", "/%2e%2E/secrets", "/./x")) {
            assertThat(send("GET", FLUNDERS + path, "").statusCode()).as(path).isEqualTo(400);
        }
        assertThat(backend.seen()).hasSize(before);
    }

    @Test
    void followsNobodyElsewhere() {
        HttpResponse<String> answer = send("GET", FLUNDERS + "/redirect", "");

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.body()).startsWith("the backend attempted to redirect this request, which is not permitted");
        assertThat(answer.headers().firstValue("Location")).isEmpty();
    }

    @Test
    void tellsOfItInDiscovery() throws Exception {
        JsonNode group = json(200, "GET", "/apis/wardle.example.com", "");
        assertThat(group.at("/preferredVersion/groupVersion").asText()).isEqualTo("wardle.example.com/v1alpha1");
        assertThat(json(200, "GET", AggregatedBackend.PATH, "")
                        .at("/resources/0/kind")
                        .asText())
                .isEqualTo("Flunder");
        HttpResponse<String> all = send(
                admin,
                request("GET", "/apis", "")
                        .header("Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"));
        JsonNode item = find(
                Json.parse(all.body().getBytes(StandardCharsets.UTF_8)).path("items"),
                found -> found.at("/metadata/name").asText().equals("wardle.example.com"));
        assertThat(item.at("/versions/0/freshness").asText()).isEqualTo("Current");
        assertThat(item.at("/versions/0/resources/0/responseKind/kind").asText())
                .isEqualTo("Flunder");
        assertThat(item.at("/versions/0/resources/0/subresources/0/subresource").asText())
                .isEqualTo("status");
    }

    @Test
    void tellsOfItInOpenApi() throws Exception {
        await("its v3 document", () -> send("GET", "/openapi/v3", "").body().contains("wardle"));
        JsonNode index = json(200, "GET", "/openapi/v3", "").path("paths");
        String url = index.at("/apis~1wardle.example.com~1v1alpha1/serverRelativeURL")
                .asText();
        assertThat(url).isEqualTo("/openapi/v3" + AggregatedBackend.PATH + "?hash=ABC");
        assertThat(index.at("/apis~1apps~1v1/serverRelativeURL").asText()).doesNotContain("STOLEN");
        assertThat(json(200, "GET", url, "").at("/info/title").asText()).isEqualTo("wardle");

        await("its v2 document", () -> send("GET", "/openapi/v2", "").body().contains("wardle"));
        JsonNode swagger = json(200, "GET", "/openapi/v2", "");
        assertThat(swagger.path("paths").has(AggregatedBackend.PATH + "/flunders"))
                .isTrue();
        assertThat(swagger.path("definitions").has("io.k8s.sample.Flunder")).isTrue();
        assertThat(swagger.at("/paths/~1apis~1apps~1v1~1deployments/get/operationId")
                        .asText())
                .isEqualTo("listAppsV1DeploymentForAllNamespaces");
    }

    @Test
    void isReadyWhenAllThatItServesIsRegistered() {
        for (String root : List.of("healthz", "livez", "readyz")) {
            assertThat(send("GET", "/" + root + "?verbose", "").body().lines())
                    .contains(
                            "[+]poststarthook/start-kube-aggregator-informers ok",
                            "[+]poststarthook/apiservice-registration-controller ok",
                            "[+]poststarthook/apiservice-status-local-available-controller ok",
                            "[+]poststarthook/apiservice-status-remote-available-controller ok",
                            "[+]poststarthook/kube-apiserver-autoregistration ok",
                            "[+]autoregister-completion ok",
                            "[+]poststarthook/apiservice-openapi-controller ok");
        }
    }

    @Test
    void saysThatItIsAvailableWhatBecomesLocal() throws Exception {
        json(201, "POST", API_SERVICES, apiService("v1", "moved.example.com", "nothere", bundle(services)));
        await(
                "it to be looked at",
                () -> send("GET", API_SERVICES + "/v1.moved.example.com", "")
                        .body()
                        .contains("ServiceNotFound"));
        send(
                admin,
                request(
                                "PATCH",
                                API_SERVICES + "/v1.moved.example.com",
                                "{\"spec\":{\"service\":null,\"caBundle\":null}}")
                        .setHeader("Content-Type", "application/merge-patch+json"));
        await(
                "it to be local",
                () -> json(200, "GET", API_SERVICES + "/v1.moved.example.com", "")
                        .at("/status/conditions/0/reason")
                        .asText()
                        .equals("Local"));
        assertThat(send("GET", "/apis/moved.example.com/v1/things", "").statusCode())
                .isEqualTo(404);
    }

    @Test
    void servesItsOwnGroupsItselfWhateverAnApiServiceSays() throws Exception {
        String stolen = apiService("v1", "apps", "api", bundle(services));
        JsonNode current = json(200, "GET", API_SERVICES + "/v1.apps", "");
        int before = backend.seen().size();

        json(
                200,
                "PUT",
                API_SERVICES + "/v1.apps",
                stolen.replace(
                        "\"name\": \"v1.apps\"",
                        "\"name\": \"v1.apps\", \"resourceVersion\": \""
                                + current.at("/metadata/resourceVersion").asText() + "\""));

        assertThat(json(200, "GET", "/apis/apps/v1/deployments", "")
                        .path("kind")
                        .asText())
                .isEqualTo("DeploymentList");
        assertThat(backend.seen()).hasSize(before);
        await(
                "the local APIService",
                () -> !send("GET", API_SERVICES + "/v1.apps", "").body().contains("\"service\""));
    }

    record Case(String name, String service, boolean ready, String bundle, String reason, String message) {}

    @Test
    void saysWhyAServerBehindDoesNotAnswer() throws Exception {
        service("unready", false);
        service("noslices", false);
        json(200, "DELETE", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/noslices", "");
        service("other", true);
        var cases = List.of(
                new Case(
                        "v1alpha1.missing.example.com",
                        "nothere",
                        true,
                        bundle(services),
                        "ServiceNotFound",
                        "service/nothere in \"default\" is not present"),
                new Case(
                        "v1alpha1.unready.example.com",
                        "unready",
                        false,
                        bundle(services),
                        "MissingEndpoints",
                        "endpointslices for service/unready in \"default\" have no addresses with port name \"https\""),
                new Case(
                        "v1alpha1.noslices.example.com",
                        "noslices",
                        false,
                        bundle(services),
                        "EndpointsNotFound",
                        "cannot find endpointslices for service/noslices in \"default\""),
                new Case(
                        "v1alpha1.untrusted.example.com",
                        "api",
                        true,
                        bundle(proxies),
                        "FailedDiscoveryCheck",
                        "certificate signed by unknown authority"),
                new Case(
                        "v1alpha1.misnamed.example.com",
                        "other",
                        true,
                        bundle(services),
                        "FailedDiscoveryCheck",
                        "certificate is not valid for other.default.svc"));
        for (Case each : cases) {
            String group = each.name().substring("v1alpha1.".length());
            json(201, "POST", API_SERVICES, apiService("v1alpha1", group, each.service(), each.bundle()));
            await(each.reason() + " of " + group, () -> {
                String found = send("GET", API_SERVICES + "/" + each.name(), "").body();
                return found.contains("\"reason\":\"" + each.reason() + "\"");
            });
            JsonNode condition =
                    json(200, "GET", API_SERVICES + "/" + each.name(), "").at("/status/conditions/0");
            assertThat(condition.path("status").asText()).isEqualTo("False");
            assertThat(condition.path("message").asText()).contains(each.message());
            HttpResponse<String> answer = send("GET", "/apis/" + group + "/v1alpha1/things", "");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).isEqualTo("service unavailable\n");
            assertThat(send("GET", "/apis", "").body()).contains("\"" + group + "\"");
        }
    }

    @Test
    void doesNotSendRoundInCirclesWhatCameThroughAProxy() throws Exception {
        int before = backend.seen().size();
        HttpClient proxy = client(proxies.client("CN=front-proxy-client"));

        HttpResponse<String> answer = send(
                proxy,
                request("GET", FLUNDERS, "")
                        .header("X-Remote-User", "jane")
                        .header("X-Remote-Group", "system:masters"));

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(backend.seen()).hasSize(before);
    }

    @Test
    void believesHeadersOfItsFrontProxyAlone() throws Exception {
        String whoami = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
        HttpRequest.Builder headed = request("POST", whoami, "{}")
                .header("X-Remote-User", "jane")
                .header("X-Remote-Uid", "42")
                .header("X-Remote-Group", "dev")
                .header("X-Remote-Extra-example.com%2fscope", "all");

        JsonNode jane = Json.parse(send(client(proxies.client("CN=front-proxy-client")), headed)
                .body()
                .getBytes(StandardCharsets.UTF_8));
        assertThat(jane.at("/status/userInfo").toString())
                .contains(
                        "\"username\":\"jane\"",
                        "\"uid\":\"42\"",
                        "\"dev\"",
                        "system:authenticated",
                        "example.com/scope");

        // a certificate of users, or of another authority, gives no right to speak for others
        HttpResponse<String> user = send(client(pki.client("CN=eve")), headed);
        assertThat(user.body()).contains("\"username\":\"eve\"").doesNotContain("jane");
        assertThat(send(client(pki.client("CN=front-proxy-client")), headed).body())
                .contains("\"username\":\"front-proxy-client\"")
                .doesNotContain("jane");
        for (TestPki.Identity stranger : List.of(
                proxies.client("CN=somebody-else"),
                new TestPki("CN=tenant-b-front-proxy").client("CN=front-proxy-client"))) {
            assertThat(send(client(stranger), headed).statusCode()).isEqualTo(401);
        }
        // nor is a proxy's certificate a user's
        assertThat(send(client(proxies.client("O=system:masters,CN=front-proxy-client")), request("POST", whoami, "{}"))
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void zzzLosesItWhenItsEndpointsGo() throws Exception {
        json(200, "DELETE", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/api", "");

        await("503", () -> send("GET", FLUNDERS, "").statusCode() == 503);

        HttpResponse<String> all = send(
                admin,
                request("GET", "/apis", "")
                        .header("Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"));
        assertThat(all.body()).contains("\"freshness\":\"Stale\"");
        json(200, "DELETE", API_SERVICES + "/v1alpha1.wardle.example.com", "");
        await("404", () -> send("GET", FLUNDERS, "").statusCode() == 404);
    }

    private static Destination.At resolve(String namespace, String name, int port) {
        if (!List.of("api", "other").contains(name)) {
            throw new WebhookFailure("service \"" + name + "\" not found");
        }
        return new Destination.At(IpAddress.parse("127.0.0.1").orElseThrow(), backend.port(), false);
    }

    private static void service(String name, boolean ready) {
        json(201, "POST", "/api/v1/namespaces/default/services", """
                {"metadata": {"name": "%s"}, "spec": {"ports": [{"name": "https", "port": 443}]}}""".formatted(name));
        json(201, "POST", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", """
                {"metadata": {"name": "%s", "labels": {"kubernetes.io/service-name": "%s"}}, "addressType": "IPv4",
                 "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": %s}}],
                 "ports": [{"name": "https", "port": 443, "protocol": "TCP"}]}""".formatted(
                        name, name, ready));
    }

    private static String apiService(String version, String group, String service, String bundle) {
        return """
                {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
                 "metadata": {"name": "%s.%s"},
                 "spec": {"group": "%s", "version": "%s", "groupPriorityMinimum": 2000, "versionPriority": 10,
                          "service": {"namespace": "default", "name": "%s"}, "caBundle": "%s"}}""".formatted(version, group, group, version, service, bundle);
    }

    private static String bundle(TestPki authority) {
        return Base64.getEncoder().encodeToString(pem(authority.certificate()).getBytes(StandardCharsets.UTF_8));
    }

    private static String pem(X509Certificate certificate) {
        try {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isAvailable() {
        return send("GET", API_SERVICES + "/v1alpha1.wardle.example.com", "")
                .body()
                .contains("\"reason\":\"Passed\"");
    }

    private static AggregatedBackend.Seen lastSeen() {
        return backend.seen().getLast();
    }

    private static JsonNode find(JsonNode items, Predicate<JsonNode> wanted) {
        return items.valueStream().filter(wanted).findFirst().orElseThrow();
    }

    private static JsonNode json(int status, String method, String path, String body) {
        HttpResponse<String> answer = send(method, path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8));
    }

    private static HttpResponse<String> send(String method, String path, String body) {
        return send(admin, request(method, path, body));
    }

    private static HttpResponse<String> send(HttpClient client, HttpRequest.Builder request) {
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static HttpRequest.Builder request(String method, String path, String body) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + path))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", "application/json")
                .timeout(DEADLINE);
    }

    private static HttpClient client(TestPki.Identity identity) {
        try {
            return HttpClient.newBuilder()
                    .sslContext(pki.clientContext(identity))
                    .build();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void await(String what, java.util.function.BooleanSupplier condition) {
        ServiceFixture.await(what, condition);
    }
}
