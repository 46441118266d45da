package io.insula.tenantapi.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.micronaut.context.ApplicationContext;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Priority and fairness over TLS, by the objects that a tenant writes.
@Timeout(300)
class FairnessTest {

    private static final String FLOW = "/apis/flowcontrol.apiserver.k8s.io/v1/";
    private static final String SLOW = "/api/v1/namespaces/default/configmaps/slow";
    private static final String FAST = "/api/v1/namespaces/default/configmaps/kube-root-ca.crt";

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
        tenant = new ServiceFixture(
                beans.getBean(ServerComponents.class), ServiceConfig.usual().seats(20));
    }

    @AfterEach
    void stop() {
        tenant.close();
    }

    private String uid(String path) {
        return tenant.json(200, "GET", FLOW + path, "").at("/metadata/uid").asText();
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    @Test
    void tellsWhichObjectsDecided() {
        HttpResponse<String> masters = tenant.get("/api/v1/namespaces/default");
        assertThat(header(masters, "X-Kubernetes-PF-FlowSchema-UID")).isEqualTo(uid("flowschemas/exempt"));
        assertThat(header(masters, "X-Kubernetes-PF-PriorityLevel-UID"))
                .isEqualTo(uid("prioritylevelconfigurations/exempt"));

        HttpResponse<String> others = tenant.send(tenant.client("CN=alice"), "GET", "/api", "");
        assertThat(header(others, "X-Kubernetes-PF-FlowSchema-UID")).isEqualTo(uid("flowschemas/global-default"));
        HttpResponse<String> forbidden = tenant.send(tenant.client("CN=alice"), "GET", "/api/v1/secrets", "");
        assertThat(forbidden.statusCode()).isEqualTo(403);
        assertThat(header(forbidden, "X-Kubernetes-PF-PriorityLevel-UID"))
                .isEqualTo(uid("prioritylevelconfigurations/global-default"));
    }

    private void level(String method, String path, String response) {
        tenant.json(
                method.equals("POST") ? 201 : 200, method, FLOW + "prioritylevelconfigurations" + path, """
                {"metadata": {"name": "tight"}, "spec": {"type": "Limited",
                 "limited": {"nominalConcurrencyShares": 1, "lendablePercent": 0, "borrowingLimitPercent": 0,
                             "limitResponse": %s}}}
                """.formatted(
                                response));
    }

    private void schema() {
        tenant.json(201, "POST", FLOW + "flowschemas", """
                {"metadata": {"name": "tight"}, "spec": {"matchingPrecedence": 300,
                 "priorityLevelConfiguration": {"name": "tight"}, "distinguisherMethod": {"type": "ByUser"},
                 "rules": [{"subjects": [{"kind": "User", "user": {"name": "alice"}},
                                         {"kind": "User", "user": {"name": "bob"}}],
                   "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"]}]}]}}
                """);
    }

    @Test
    void refusesQueuesAndReactsToChangedObjects() throws Exception {
        tenant.allow("alice");
        tenant.allow("bob");
        level("POST", "", "{\"type\": \"Reject\"}");
        schema();
        HttpClient alice = tenant.client("CN=alice");
        HttpClient bob = tenant.client("CN=bob");
        String tight = uid("flowschemas/tight");
        ServiceFixture.await(
                "the new schema counts",
                () -> header(tenant.send(alice, "GET", FAST, ""), "X-Kubernetes-PF-FlowSchema-UID")
                        .equals(tight));

        tenant.storage().hold();
        CompletableFuture<HttpResponse<String>> first = tenant.sendAsync(alice, "GET", SLOW, "");
        ServiceFixture.await("the first runs", () -> tenant.storage().held() == 1);
        HttpResponse<String> refused = tenant.send(bob, "GET", FAST, "");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(header(refused, "Retry-After")).isEqualTo("1");
        assertThat(refused.body()).isEqualTo("Too many requests, please try again later.\n");
        assertThat(header(refused, "X-Kubernetes-PF-FlowSchema-UID")).isEqualTo(tight);
        assertThat(tenant.get(FAST).statusCode()).as("exempt").isEqualTo(404);

        level(
                "PUT",
                "/tight",
                "{\"type\": \"Queue\", \"queuing\": {\"queues\": 16, \"handSize\": 4, \"queueLengthLimit\": 10}}");
        ServiceFixture.await("queues are there", () -> {
            CompletableFuture<HttpResponse<String>> trial = tenant.sendAsync(bob, "GET", FAST, "");
            ServiceFixture.await("refused or queued", () -> trial.isDone() || queued() > 0);
            return !trial.isDone();
        });
        assertThat(first).isNotDone();
        tenant.storage().release();
        assertThat(first.get(3, TimeUnit.MINUTES).statusCode()).isEqualTo(404);
        assertThat(tenant.send(bob, "GET", FAST, "").statusCode()).isEqualTo(404);
        assertThat(tenant.get("/metrics").body())
                .containsPattern("apiserver_flowcontrol_rejected_requests_total\\{priority_level=\"tight\","
                        + "flow_schema=\"tight\",reason=\"concurrency-limit\"\\} [1-9]")
                .containsPattern("apiserver_flowcontrol_request_wait_duration_seconds_count\\{"
                        + "priority_level=\"tight\",flow_schema=\"tight\",execute=\"true\"\\} [1-9]");
    }

    /// Requests of the level that wait in queues.
    private int queued() {
        return tenant.get("/metrics")
                .body()
                .lines()
                .filter(line ->
                        line.startsWith("apiserver_flowcontrol_current_inqueue_seats{priority_level=\"tight\"}"))
                .mapToInt(line -> Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void restoresWhatMustExistAndTellsSchemasOfTheirLevel() {
        String old = uid("flowschemas/catch-all");
        tenant.json(200, "DELETE", FLOW + "flowschemas/catch-all", "");
        ServiceFixture.await(
                "restored", () -> tenant.get(FLOW + "flowschemas/catch-all").statusCode() == 200);
        assertThat(uid("flowschemas/catch-all")).isNotEqualTo(old);

        schema();
        ServiceFixture.await("told", () -> !dangling("tight").isEmpty());
        assertThat(dangling("tight")).isEqualTo("True");
        level("POST", "", "{\"type\": \"Reject\"}");
        ServiceFixture.await("told again", () -> dangling("tight").equals("False"));
        ServiceFixture.await("all are told", () -> dangling("global-default").equals("False"));
    }

    private String dangling(String schema) {
        JsonNode condition =
                tenant.json(200, "GET", FLOW + "flowschemas/" + schema, "").at("/status/conditions/0");
        return condition.path("type").asText().equals("Dangling")
                ? condition.path("status").asText()
                : "";
    }
}
