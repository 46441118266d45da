package io.insula.tenantapi.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.audit.AuditPolicy;
import io.micronaut.context.ApplicationContext;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a server does beside answering: deadlines, health, shutdown, metrics and audit, over TLS.
@Timeout(300)
class ServiceTest {

    private static final String SLOW = "/api/v1/namespaces/default/configmaps/slow";

    private static ApplicationContext beans;

    private ServiceFixture tenant;

    @BeforeAll
    static void prepare() {
        beans = ApplicationContext.run();
    }

    @AfterAll
    static void end() {
        beans.close();
    }

    @BeforeEach
    void start() {
        tenant = new ServiceFixture(beans.getBean(ServerComponents.class), ServiceConfig.usual());
    }

    @AfterEach
    void stop() {
        tenant.close();
    }

    private void restart(ServiceConfig service) {
        tenant.close();
        tenant = new ServiceFixture(beans.getBean(ServerComponents.class), service);
    }

    @Test
    void answers504WhenTheTimeAskedForHasPassed() {
        tenant.storage().hold();
        HttpResponse<String> late = tenant.get(SLOW + "?timeout=300ms");

        assertThat(late.statusCode()).isEqualTo(504);
        JsonNode status = Json.parse(late.body().getBytes(StandardCharsets.UTF_8));
        assertThat(status.path("reason").asText()).isEqualTo("Timeout");
        assertThat(status.path("message").asText())
                .isEqualTo("Timeout: request did not complete within the allotted timeout");

        tenant.storage().release();
        ServiceFixture.await("the handler ends", () -> tenant.storage().held() == 0);
        assertThat(tenant.get(SLOW + "?timeout=20s").statusCode()).isEqualTo(404);
        String id = late.headers().firstValue("Audit-Id").orElseThrow();
        assertThat(tenant.audited())
                .filteredOn(event -> event.path("auditID").asText().equals(id))
                .singleElement()
                .satisfies(event ->
                        assertThat(event.at("/responseStatus/code").asInt()).isEqualTo(504));
    }

    @Test
    void tellsWritersTheirOwnDeadline() {
        tenant.storage().hold();
        HttpResponse<String> late =
                tenant.send(tenant.admin(), "PATCH", SLOW + "?timeout=300ms", "{\"data\":{\"a\":\"b\"}}");

        assertThat(late.statusCode()).isEqualTo(504);
        assertThat(late.body())
                .contains("request did not complete within requested timeout - context deadline exceeded");
    }

    @Test
    void refusesTimeoutsThatAreNoDurations() {
        HttpResponse<String> answer = tenant.get(SLOW + "?timeout=soon");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body())
                .contains("invalid timeout specified in the request URL - time: invalid duration \\\"soon\\\"");
        assertThat(tenant.get("/api/v1/namespaces/kube-public/configmaps?watch=1&timeout=soon&timeoutSeconds=1")
                        .statusCode())
                .as("watches have no deadline")
                .isEqualTo(200);
    }

    @Test
    void tellsItsHealthByChecks() {
        for (String root : List.of("healthz", "livez", "readyz")) {
            assertThat(tenant.get("/" + root).body()).isEqualTo("ok");
            assertThat(tenant.get("/" + root + "/etcd").body()).isEqualTo("ok");
            assertThat(tenant.get("/" + root + "?verbose").body())
                    .startsWith("[+]ping ok\n[+]log ok\n[+]etcd ok\n")
                    .contains("[+]poststarthook/rbac/bootstrap-roles ok\n")
                    .endsWith("\n" + root + " check passed\n");
        }
        assertThat(tenant.get("/readyz?verbose").body())
                .contains("[+]etcd-readiness ok\n", "[+]informer-sync ok\n", "[+]shutdown ok\n");
        assertThat(tenant.get("/livez?verbose").body()).doesNotContain("shutdown");
        assertThat(tenant.get("/readyz/nonsense").statusCode()).isEqualTo(404);
        assertThat(tenant.send(tenant.stranger(), "GET", "/readyz", "").body()).isEqualTo("ok");
    }

    @Test
    void isReadOnlyAndSaysSoWhenTheStoreIsOutOfSpace() {
        String maps = "/api/v1/namespaces/default/configmaps";
        tenant.json(201, "POST", maps, "{\"metadata\": {\"name\": \"old\"}}");
        tenant.storage().readOnly("etcd is out of space");

        JsonNode refused = tenant.json(500, "POST", maps, "{\"metadata\": {\"name\": \"new\"}}");
        assertThat(refused.path("reason").asText()).isEqualTo("InternalError");
        assertThat(refused.path("message").asText())
                .startsWith("etcdserver: mvcc: database space exceeded: nothing was written")
                .contains("delete what is not needed");
        assertThat(tenant.get("/readyz").body()).contains("[-]etcd-readiness failed", "[+]etcd ok");
        assertThat(tenant.get("/readyz/etcd-readiness").body()).contains("out of space");
        assertThat(tenant.get("/livez").body()).as("a restart would not help").isEqualTo("ok");
        tenant.json(200, "GET", maps + "/old", "");
        tenant.json(200, "DELETE", maps + "/old", "");

        tenant.storage().readOnly(null);
        tenant.json(201, "POST", maps, "{\"metadata\": {\"name\": \"new\"}}");
        assertThat(tenant.get("/readyz").body()).isEqualTo("ok");
    }

    @Test
    void saysWhichCheckFailedButWhyOnlyAtItsOwnPath() {
        tenant.storage().down(true);

        HttpResponse<String> all = tenant.get("/readyz");
        assertThat(all.statusCode()).isEqualTo(500);
        assertThat(all.body())
                .contains("[+]ping ok\n[+]log ok\n[-]etcd failed: reason withheld\n")
                .endsWith("readyz check failed\n")
                .doesNotContain("took it away");
        HttpResponse<String> one = tenant.get("/livez/etcd");
        assertThat(one.statusCode()).isEqualTo(500);
        assertThat(one.body())
                .startsWith("internal server error: etcd failed: store unavailable: the test took it away");
        HttpResponse<String> excluded = tenant.get("/livez?exclude=etcd&exclude=nonsense&verbose");
        assertThat(excluded.statusCode()).isEqualTo(200);
        assertThat(excluded.body())
                .contains("[+]etcd excluded: ok\n")
                .contains("warn: some health checks cannot be excluded: no matches for \"nonsense\"\n");
        tenant.storage().down(false);
        ServiceFixture.await("health comes back", () -> tenant.get("/readyz").statusCode() == 200);
    }

    @Test
    void saysThatItIsNotReadyBeforeItStops() throws Exception {
        restart(ServiceConfig.usual().shutdownDelay(Duration.ofMillis(1500)));
        var watch = tenant.sendAsync(tenant.admin(), "GET", "/api/v1/namespaces?watch=1&timeoutSeconds=60", "");
        ServiceFixture.await(
                "the watch runs",
                () -> tenant.audited().stream()
                        .anyMatch(event -> event.path("stage").asText().equals("ResponseStarted")));
        var stopping = Thread.ofVirtual().start(tenant.server()::close);
        ServiceFixture.await("not ready", () -> tenant.get("/readyz").statusCode() == 500);

        assertThat(tenant.get("/readyz").body()).contains("[-]shutdown failed: reason withheld");
        assertThat(tenant.get("/livez").body()).isEqualTo("ok");
        assertThat(tenant.get("/api/v1/namespaces/default").statusCode()).isEqualTo(200);
        HttpResponse<String> drained = watch.get(3, TimeUnit.MINUTES);
        assertThat(drained.body()).startsWith("{\"type\":\"ADDED\"").endsWith("}\n");
        assertThat(stopping.join(Duration.ofSeconds(20))).isTrue();
        assertThat(tenant.audited())
                .as("the end of the watch is recorded before the server has stopped")
                .anyMatch(event -> event.path("verb").asText().equals("watch")
                        && event.path("stage").asText().equals("ResponseComplete"));
    }

    @Test
    void tellsMetricsByUpstreamsNames() throws Exception {
        tenant.json(201, "POST", "/api/v1/namespaces/default/configmaps", "{\"metadata\":{\"name\":\"m\"}}");
        tenant.json(404, "GET", "/api/v1/namespaces/default/configmaps/none", "");
        tenant.get("/api/v1/made-up-by-a-client");
        tenant.get("/api/v1/configmaps?watch=1&timeoutSeconds=1");

        HttpResponse<String> answer = tenant.get("/metrics");

        assertThat(answer.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain; version=0.0.4");
        assertThat(answer.body().lines())
                .hasSizeGreaterThan(100)
                .allMatch(line -> line.startsWith("# ")
                        || line.matches("[a-z_]+(\\{([a-z_]+=\"([^\"\\\\]|\\\\.)*\",?)*\\})? [-+0-9.eEInf]+"));
        assertThat(answer.body())
                .contains("apiserver_request_total{verb=\"POST\",dry_run=\"\",group=\"\",version=\"v1\","
                        + "resource=\"configmaps\",subresource=\"\",scope=\"resource\",component=\"apiserver\","
                        + "code=\"201\"} 1\n")
                .contains("resource=\"configmaps\",subresource=\"\",scope=\"resource\",component=\"apiserver\","
                        + "code=\"404\"} 1\n")
                .doesNotContain("made-up-by-a-client")
                .containsPattern("apiserver_request_duration_seconds_bucket\\{verb=\"POST\",.*,le=\"0\\.005\"\\} \\d")
                .contains("apiserver_current_inflight_requests{request_kind=\"readOnly\"} 1\n")
                .contains("apiserver_current_inflight_requests{request_kind=\"mutating\"} 0\n")
                .contains("apiserver_storage_objects{resource=\"configmaps\"} ")
                .contains("apiserver_storage_objects{resource=\"flowschemas.flowcontrol.apiserver.k8s.io\"} 13\n")
                .containsPattern(
                        "apiserver_watch_events_total\\{group=\"\",version=\"v1\",resource=\"configmaps\"\\} [1-9]")
                .containsPattern("etcd_request_duration_seconds_count\\{operation=\"create\",group=\"\","
                        + "resource=\"configmaps\"\\} [1-9]")
                .containsPattern("apiserver_flowcontrol_dispatched_requests_total\\{priority_level=\"exempt\","
                        + "flow_schema=\"exempt\"\\} [1-9]")
                .contains("apiserver_flowcontrol_nominal_limit_seats{priority_level=\"workload-low\"} 245\n")
                .containsPattern("\nprocess_resident_memory_bytes [1-9]")
                .contains("kubernetes_build_info{major=\"1\",minor=\"34\",git_version=\"v1.34.")
                .contains("apiserver_tls_handshake_errors_total 0\n")
                .containsPattern("authentication_attempts\\{result=\"success\"\\} [1-9]");
        assertThat(metric("apiserver_longrunning_requests{verb=\"WATCH\"")).isEqualTo("0");
        try (var _ = tenant.admin()
                .send(tenant.request("GET", "/api/v1/secrets?watch=1", ""), BodyHandlers.ofInputStream())
                .body()) {
            ServiceFixture.await(
                    "the watch is counted",
                    () -> metric(
                                    "apiserver_longrunning_requests{verb=\"WATCH\",group=\"\",version=\"v1\",resource=\"secrets\"")
                            .equals("1"));
        }
        ServiceFixture.await(
                "its end is counted",
                () -> metric(
                                "apiserver_longrunning_requests{verb=\"WATCH\",group=\"\",version=\"v1\",resource=\"secrets\"")
                        .equals("0"));
        tenant.get("/readyz");
        assertThat(tenant.get("/metrics/slis").body())
                .contains("kubernetes_healthcheck{name=\"etcd\",type=\"readyz\"} 1\n")
                .containsPattern(
                        "kubernetes_healthchecks_total\\{name=\"ping\",type=\"readyz\",status=\"success\"\\} [1-9]");
        assertThat(tenant.send(tenant.client("CN=nobody"), "GET", "/metrics", "")
                        .statusCode())
                .isEqualTo(403);
    }

    /// The value of the first series that begins so.
    private String metric(String begin) {
        return tenant.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(begin))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .findFirst()
                .orElse("");
    }

    @Test
    void recordsWhatThePolicySays() {
        restart(ServiceConfig.usual().auditPolicy(AuditPolicy.parse("""
                apiVersion: audit.k8s.io/v1
                kind: Policy
                omitStages: [RequestReceived]
                rules:
                - level: None
                  nonResourceURLs: ["/livez*"]
                - level: Metadata
                  resources: [{group: "", resources: [secrets]}]
                - level: RequestResponse
                  omitManagedFields: true
                  resources: [{group: "", resources: [configmaps]}]
                - level: Request
                """.getBytes(StandardCharsets.UTF_8))));
        String object = "{\"metadata\":{\"name\":\"x\"},\"data\":{\"a\":\"aGlkZGVu\"}}";
        tenant.get("/livez");
        tenant.json(201, "POST", "/api/v1/namespaces/default/secrets", object);
        tenant.json(201, "POST", "/api/v1/namespaces/default/configmaps", object);
        tenant.send(tenant.admin(), "PATCH", "/api/v1/namespaces/default", "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}");

        var events = tenant.audited().stream()
                .filter(event -> event.at("/user/username").asText().equals("admin"))
                .toList();
        assertThat(events)
                .extracting(event -> event.path("level").asText() + " "
                        + event.at("/objectRef/resource").asText())
                .containsExactly("Metadata secrets", "RequestResponse configmaps", "Request namespaces");
        assertThat(events.getFirst().toString()).doesNotContain("aGlkZGVu");
        assertThat(events.get(1).at("/requestObject/data/a").asText()).isEqualTo("aGlkZGVu");
        assertThat(events.get(1).at("/responseObject/metadata/uid").asText()).isNotEmpty();
        assertThat(events.get(1).at("/responseObject/metadata").has("managedFields"))
                .isFalse();
        assertThat(events.get(2).at("/requestObject/metadata/labels/a").asText())
                .isEqualTo("b");
        assertThat(events.get(2).has("responseObject")).isFalse();
    }

    @Test
    void recordsWhoCouldNotBeAuthenticatedToo() {
        try (HttpClient stranger = tenant.stranger()) {
            assertThat(tenant.send(stranger, "GET", "/api/v1/secrets", "").statusCode())
                    .isEqualTo(401);
        }
        assertThat(tenant.audited())
                .filteredOn(event -> event.at("/responseStatus/code").asInt() == 401)
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.path("user").isObject()).isTrue();
                    assertThat(event.at("/responseStatus/message").asText())
                            .isEqualTo("Authentication failed, no credentials provided");
                });
    }

    @Test
    void namesTheirUserInAllEventsOfAStreamToo() throws Exception {
        try (var lines = tenant.admin()
                .send(
                        tenant.request("GET", "/api/v1/namespaces?watch=1&timeoutSeconds=1", ""),
                        BodyHandlers.ofInputStream())
                .body()) {
            lines.readAllBytes();
        }
        ServiceFixture.await(
                "both stages",
                () -> tenant.audited().stream()
                                .filter(event -> event.path("verb").asText().equals("watch"))
                                .count()
                        == 2);
        assertThat(tenant.audited())
                .allSatisfy(
                        event -> assertThat(event.at("/user/username").asText()).isNotEmpty());
    }
}
