package io.insula.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.admin.AdminFixture.Answer;
import io.insula.controlplane.tenant.Tenant;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.metrics.MetricRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the admin API does, over TLS, on a host that is a real API server.
final class AdminServiceTest {

    private AdminFixture admin = unset();

    @BeforeEach
    void start(@TempDir Path folder) {
        admin = new AdminFixture(folder);
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    @Test
    void makesOnlyWhatWasMeant() {
        record Case(int status, String body, String detail) {}
        Stream.of(
                        new Case(400, "{\"name\":\"x\",\"profil\":\"kata\"}", "unknown field \"profil\""),
                        new Case(400, "{\"name\":\"x\",\"profile\":null}", "profile: null"),
                        new Case(400, "{\"name\":\"x\",\"profile\":[\"kata\"]}", "profile: [\"kata\"]"),
                        new Case(400, "{\"name\":\"x\",\"labels\":{\"a\":1}}", "labels.a: 1"),
                        new Case(400, "{\"name\":\"x\",\"labels\":{\"a\":null}}", "labels.a: null"),
                        new Case(400, "{\"name\":\"x\",\"name\":\"y\"}", "Duplicate field 'name'"),
                        new Case(400, "{}", "name: missing"),
                        new Case(422, "{\"name\":\"\"}", "lower-case"),
                        new Case(422, "{\"name\":\"X\"}", "lower-case"),
                        new Case(422, "{\"name\":\"x.y\"}", "lower-case"),
                        new Case(422, "{\"name\":\"../x\"}", "lower-case"),
                        new Case(422, "{\"name\":\"" + "x".repeat(41) + "\"}", "at most 40"),
                        new Case(422, "{\"name\":\"host\"}", "reserved"),
                        new Case(
                                422,
                                "{\"name\":\"x\",\"profile\":\"katta\"}",
                                "one of gvisor, hardened, kata, kubevirt, "),
                        new Case(422, "{\"name\":\"x\",\"profile\":\"\"}", "one of gvisor"),
                        new Case(422, "{\"name\":\"x\",\"allowedProfiles\":[\"kata\",\"no\"]}", "\"no\""),
                        new Case(422, "{\"name\":\"x\",\"labels\":{\"insula.io/tenant\":\"y\"}}", "insula.io/"),
                        new Case(422, "{\"name\":\"x\",\"labels\":{\"a b\":\"y\"}}", "labels"))
                .forEach(wrong -> {
                    Answer answer = admin.post("/v1/tenants", wrong.body());
                    assertThat(answer.status()).as(wrong + ": " + answer).isEqualTo(wrong.status());
                    assertThat(answer.json().path("detail").asText()).contains(wrong.detail());
                });
        assertThat(admin.host().resources(Tenant.class).list().getItems()).isEmpty();
        assertThat(admin.spools()).containsExactly(io.insula.controlplane.audit.AuditTrail.HOST);

        Answer made = admin.post(
                "/v1/tenants",
                "{\"name\":\"x\",\"profile\":\"kata\",\"allowedProfiles\":[\"runc\"],\"labels\":{\"team\":\"a\"}}");
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.header("location")).isEqualTo("/v1/tenants/x");
        Tenant tenant = tenant("x");
        assertThat(tenant.getSpec().profile()).isEqualTo("kata");
        assertThat(tenant.getSpec().allowed()).containsExactly("runc");
        assertThat(tenant.getMetadata().getLabels()).containsEntry("team", "a");
        assertThat(made.header("etag")).isEqualTo("\"" + tenant.getMetadata().getResourceVersion() + "\"");
    }

    /// Nothing is kept for a name that is no tenant's: neither a folder nor an open file.
    @Test
    void leavesNothingOfAnUnknownTenant() {
        for (String target : List.of("/v1/tenants/nobody", "/v1/tenants/host", "/v1/audit?tenant=nobody")) {
            Answer answer = admin.get(target);
            assertThat(answer.status()).as(target).isEqualTo(404);
        }
        assertThat(admin.get("/v1/tenants/nobody/audit").status()).isEqualTo(404);
        assertThat(admin.delete("/v1/tenants/nobody").status()).isEqualTo(404);
        assertThat(admin.patch("/v1/tenants/nobody", "{}").status()).isEqualTo(404);
        assertThat(admin.post("/v1/tenants/nobody/kubeconfig", "{\"user\":\"a\"}")
                        .status())
                .isEqualTo(404);
        assertThat(admin.spools()).containsExactly(io.insula.controlplane.audit.AuditTrail.HOST);
    }

    @Test
    void explainsWhatWouldBecomeOfAPod() {
        create("{\"name\":\"x\",\"profile\":\"runc\",\"allowedProfiles\":[\"kubevirt\"]}");
        String path = "/v1/tenants/x/explain";
        String pod =
                "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]%s}}";

        Answer runs = admin.post(path, "{\"pod\":" + pod.formatted("") + "}");
        assertThat(runs.status()).as(runs.toString()).isEqualTo(200);
        assertThat(runs.json().path("profile").asText()).isEqualTo("runc");
        assertThat(runs.json().path("why").asText()).contains("standard profile");
        assertThat(runs.json().at("/host/spec/automountServiceAccountToken").asBoolean(true))
                .isFalse();
        assertThat(runs.json()
                        .at("/host/metadata/annotations/insula.io~1profile")
                        .asText())
                .isEqualTo("runc");

        JsonNode refused = admin.post(path, "{\"pod\":" + pod.formatted(",\"hostPID\":true") + "}")
                .json();
        assertThat(refused.at("/refused/field").asText()).isEqualTo("spec.hostPID");
        assertThat(refused.has("host")).isFalse();
        assertThat(refused.path("profiles").findValuesAsText("name")).containsExactly("runc", "kubevirt");

        JsonNode foreign = admin.post(path, "{\"pod\":" + pod.formatted(",\"runtimeClassName\":\"gvisor\"") + "}")
                .json();
        assertThat(foreign.at("/refused/field").asText()).isEqualTo("spec.runtimeClassName");
        assertThat(admin.host().pods().inAnyNamespace().list().getItems())
                .as("nothing is written")
                .isEmpty();
    }

    @Test
    void explainsNothingButPods() {
        create("{\"name\":\"x\",\"profile\":\"runc\"}");
        String path = "/v1/tenants/x/explain";

        assertThat(admin.post(path, "{}").status()).isEqualTo(400);
        assertThat(admin.post(path, "{\"pod\":\"p\"}").status()).isEqualTo(400);
        assertThat(admin.post(path, "{\"pod\":{},\"profile\":\"kata\"}").status())
                .isEqualTo(400);
        assertThat(admin.post(path, "{\"pod\":{}}").status()).isEqualTo(422);
        assertThat(admin.post(path, "{\"pod\":{\"kind\":\"Secret\",\"spec\":{}}}")
                        .status())
                .isEqualTo(422);
        assertThat(admin.post(path, "{\"pod\":{\"kind\":\"Pod\",\"spec\":{\"containers\":7}}}")
                        .status())
                .isEqualTo(422);
        for (String odd : List.of(
                "\"containers\":[null]",
                "\"containers\":[{\"name\":\"c\",\"image\":\"i\",\"env\":[null]}]",
                "\"containers\":[{\"name\":\"c\",\"image\":\"i\"}],\"volumes\":[null],\"tolerations\":[null]")) {
            String pod = "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\"},\"spec\":{" + odd + "}}";
            assertThat(admin.post(path, "{\"pod\":" + pod + "}").status())
                    .as(odd)
                    .isEqualTo(422);
        }
        String nulls = "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"labels\":{\"a\":null}},"
                + "\"spec\":{\"volumes\":null,\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}";
        assertThat(admin.post(path, "{\"pod\":" + nulls + "}").status()).isEqualTo(200);
        assertThat(admin.post("/v1/tenants/nobody/explain", "{\"pod\":{}}").status())
                .isEqualTo(404);
    }

    @Test
    void refusesToExplainWhatTheApiServerWouldNotTakeInItsWords() {
        create("{\"name\":\"x\",\"profile\":\"runc\"}");
        admin.host()
                .serviceAccounts()
                .inNamespace("default")
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("default")
                        .endMetadata()
                        .build())
                .create();
        String container = "\"containers\":[{\"name\":\"c\",\"image\":\"i\"%s}]";
        for (String spec : List.of(
                container.formatted(",\"resources\":{\"limits\":{\"cpu\":\"1KK\"}}"),
                container.formatted(",\"resources\":{\"limits\":{\"cpu\":{}}}"),
                container.formatted(",\"resources\":{\"requests\":{\"cpu\":\"2\"},\"limits\":{\"cpu\":\"1\"}}"),
                container.formatted(",\"resources\":{\"limits\":{\"gpus\":\"1\"}}"),
                container.formatted(",\"ports\":[{\"containerPort\":\"80\"}]"),
                container.formatted(",\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/v\"}]"),
                container.formatted(",\"imagePulPolicy\":\"Always\""),
                container.formatted("") + ",\"restartPolicy\":\"Sometimes\",\"hostname\":\"_\"",
                container.formatted("") + ",\"terminationGracePeriodSeconds\":-1",
                container.formatted("") + ",\"tolerations\":[{}]",
                "\"containers\":[]",
                "\"containers\":[{\"name\":\"C\"}]")) {
            String pod =
                    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\"},\"spec\":{" + spec + "}}";
            Answer answer = admin.post("/v1/tenants/x/explain", "{\"pod\":" + pod + "}");
            assertThat(answer.status()).as(spec + answer).isEqualTo(422);
            assertThat(answer.json().path("detail").asText()).as(spec).endsWith(hostsRefusal(pod));
        }
        String unreadable = "{\"metadata\":{\"name\":\"p\"},\"spec\":{"
                + container.formatted(",\"resources\":{\"requests\":{\"memory\":\"1 GB\"}}") + "}}";
        assertThat(admin.post("/v1/tenants/x/explain", "{\"pod\":" + unreadable + "}")
                        .json()
                        .path("detail")
                        .asText())
                .startsWith("spec.containers[0].resources.requests.memory: ")
                .contains("quantities must match the regular expression");
    }

    private String hostsRefusal(String pod) {
        var tree = Json.parse(pod.getBytes(StandardCharsets.UTF_8));
        try {
            var made =
                    admin.host().raw("/api/v1/namespaces/default/pods?fieldValidation=Strict&dryRun=All", "POST", tree);
            throw new AssertionError("taken: " + made);
        } catch (KubernetesClientException e) {
            return Objects.requireNonNull(e.getStatus()).getMessage();
        }
    }

    @Test
    void explainsAPodThatIsThereAlready() {
        create("{\"name\":\"x\",\"profile\":\"runc\"}");
        String pod = "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"uid\":\"u\",\"resourceVersion\":\"7\"},"
                + "\"spec\":{\"nodeName\":\"n\",\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]},\"status\":{\"phase\":\"Running\"}}";
        assertThat(admin.post("/v1/tenants/x/explain", "{\"pod\":" + pod + "}").status())
                .isEqualTo(200);
    }

    @Test
    void pagesAndSelects() {
        for (String name : List.of("a", "b", "c", "d", "e")) {
            String team = name.equals("b") ? "blue" : "red";
            create("{\"name\":\"" + name + "\",\"labels\":{\"team\":\"" + team + "\"}}");
        }
        var seen = new ArrayList<String>();
        String next = "";
        int pages = 0;
        do {
            JsonNode page = admin.get("/v1/tenants?limit=2" + next).json();
            assertThat(page.path("items").size()).isLessThanOrEqualTo(2);
            page.path("items")
                    .forEach(t -> seen.add(t.path("metadata").path("name").asText()));
            String token = page.path("metadata").path("continue").asText("");
            next = token.isEmpty() ? "" : "&continue=" + token;
            pages++;
        } while (!next.isEmpty());
        assertThat(seen).containsExactly("a", "b", "c", "d", "e");
        assertThat(pages).isEqualTo(3);
        assertThat(admin.get("/v1/tenants?labelSelector=team%3Dblue")
                        .json()
                        .path("items")
                        .size())
                .isEqualTo(1);
        for (String wrong : List.of("limit=0", "limit=1001", "limit=x", "limit=", "continue=x", "labelSelector=!!")) {
            assertThat(admin.get("/v1/tenants?" + wrong).status()).as(wrong).isEqualTo(400);
        }
    }

    @Test
    void changesOnlyWhatTheCallerKnows() {
        create("{\"name\":\"x\",\"labels\":{\"team\":\"a\",\"stage\":\"test\"}}");
        String first = admin.get("/v1/tenants/x").header("etag");
        assertThat(admin.send(admin.superuser(), "GET /v1/tenants/x HTTP/1.1", "", "If-None-Match: W/" + first)
                        .status())
                .isEqualTo(304);

        Answer changed = admin.patch(
                "/v1/tenants/x",
                "{\"profile\":\"kata\",\"labels\":{\"team\":\"b\",\"stage\":null}}",
                "If-Match: " + first);
        assertThat(changed.status()).as(changed.toString()).isEqualTo(200);
        assertThat(tenant("x").getSpec().profile()).isEqualTo("kata");
        assertThat(tenant("x").getMetadata().getLabels())
                .containsEntry("team", "b")
                .doesNotContainKey("stage");

        assertThat(admin.patch("/v1/tenants/x", "{\"profile\":\"runc\"}", "If-Match: " + first)
                        .status())
                .isEqualTo(412);
        assertThat(admin.patch("/v1/tenants/x", "{\"profil\":\"runc\"}").status())
                .isEqualTo(400);
        assertThat(admin.patch("/v1/tenants/x", "{\"profile\":\"no\"}").status())
                .isEqualTo(422);
        assertThat(admin.delete("/v1/tenants/x", "If-Match: " + first).status()).isEqualTo(412);
        assertThat(tenant("x").getSpec().profile()).isEqualTo("kata");
        assertThat(admin.delete("/v1/tenants/x", "If-Match: " + changed.header("etag"))
                        .status())
                .isEqualTo(202);
        assertThat(admin.get("/v1/tenants/x").status()).isEqualTo(404);
    }

    @Test
    void makesOneTenantPerKey() {
        String body = "{\"name\":\"x\",\"profile\":\"kata\"}";
        Answer first = admin.post("/v1/tenants", body, "Idempotency-Key: k1");
        assertThat(first.status()).isEqualTo(201);

        Answer again = admin.post("/v1/tenants", body, "Idempotency-Key: k1");
        assertThat(again.status()).isEqualTo(201);
        assertThat(uid(again)).isEqualTo(uid(first));
        assertThat(admin.post("/v1/tenants", body).status()).isEqualTo(409);
        assertThat(admin.post("/v1/tenants", body, "Idempotency-Key: k2").status())
                .isEqualTo(409);
        assertThat(admin.post("/v1/tenants", "{\"name\":\"y\"}", "Idempotency-Key: k1")
                        .status())
                .isEqualTo(422);
        assertThat(admin.post("/v1/tenants", "{\"name\":\"x\"}", "Idempotency-Key: k1")
                        .status())
                .isEqualTo(422);
        Answer other = admin.send(
                admin.member("jane", AdminPki.SUPERUSERS),
                "POST /v1/tenants HTTP/1.1",
                "{\"name\":\"y\"}",
                "Content-Type: application/json",
                "Idempotency-Key: k1");
        assertThat(other.status()).as("another caller's key").isEqualTo(201);
        assertThat(admin.post("/v1/tenants", "{\"name\":\"z\"}", "Idempotency-Key:")
                        .status())
                .isEqualTo(400);
        assertThat(admin.host().resources(Tenant.class).list().getItems()).hasSize(2);
    }

    /// Reading on is part of the read that is on record; nobody makes himself a cursor that is.
    @Test
    void recordsReadsOfTheTrailButNotThatTheyGoOn() {
        create("{\"name\":\"acme\"}");
        for (int i = 0; i < 5; i++) {
            ObjectNode event = Json.object().put("kind", "Event").put("auditID", "e" + i);
            event.putObject("annotations").put("insula.io/tenant", "acme");
            admin.inTrail(event);
        }
        int events = admin.events().size();
        Answer first = admin.get("/v1/audit?tenant=acme");
        assertThat(first.json().path("items").size()).isEqualTo(5);
        assertThat(admin.events()).hasSize(events + 1);
        String cursor = first.json().path("cursor").asText();

        Answer second = admin.get("/v1/audit?tenant=acme&cursor=" + cursor);
        assertThat(second.status()).isEqualTo(200);
        assertThat(admin.events()).as("reading on").hasSize(events + 1);

        admin.get("/v1/audit?cursor=" + cursor);
        assertThat(admin.events()).as("with it to the trail of all").hasSize(events + 2);
        admin.send(
                admin.member("jane", AdminPki.SUPERUSERS),
                "GET /v1/audit?tenant=acme&cursor=" + cursor + " HTTP/1.1",
                "");
        assertThat(admin.events()).as("by somebody else").hasSize(events + 3);
        String forged = cursor.substring(0, cursor.length() - 4) + "AAAA";
        admin.get("/v1/audit?tenant=acme&cursor=" + forged);
        assertThat(admin.events()).as("forged").hasSize(events + 4);
        for (String wrong : List.of("x", "a.b.c", "0:0", "..", cursor + ".x", cursor + "&last=1")) {
            Answer answer = admin.get("/v1/audit?tenant=acme&cursor=" + wrong);
            assertThat(answer.status()).as(wrong).isEqualTo(400);
        }
        assertThat(admin.events()).hasSize(events + 10);
        assertThat(admin.get("/v1/audit?tenant=acme&limit=0&cursor="
                                + second.json().path("cursor").asText())
                        .status())
                .isEqualTo(400);
        assertThat(admin.events()).as("what is refused is recorded").hasSize(events + 11);
    }

    @Test
    void tellsItsMetricsWhileItStartsToo() {
        for (boolean started : new boolean[] {true, false}) {
            admin.started(started);
            Answer answer = admin.get("/metrics");

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("content-type")).isEqualTo(MetricRegistry.CONTENT_TYPE);
            assertThat(answer.body()).isEqualTo("insula_test 1\n");
        }
    }

    /// Strangers learn nothing of it, superusers what is awaited; either way it is on record.
    @Test
    void saysWhatAStartWaitsFor() {
        admin.started(false);
        assertThat(admin.get("/v1/status").json().path("starting").asBoolean()).isTrue();
        assertThat(admin.get("/openapi.json").status()).isEqualTo(200);
        int events = admin.events().size();
        for (Answer answer : List.of(
                admin.get("/v1/tenants"),
                admin.post("/v1/tenants", "{\"name\":\"x\"}"),
                admin.delete("/v1/tenants/x"),
                admin.post("/v1/host/kubeconfig", "{}"))) {
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.header("retry-after")).isNotEmpty();
            assertThat(answer.json().path("detail").asText()).contains("waits for the host");
        }
        assertThat(admin.events()).hasSize(events + 4);
        Answer stranger = admin.send(admin.member("mallory"), "GET /v1/status HTTP/1.1", "");
        assertThat(stranger.status()).isEqualTo(403);
        assertThat(stranger.body()).doesNotContain("waits");
        admin.started(true);
        assertThat(admin.get("/v1/tenants").status()).isEqualTo(200);
    }

    private void create(String body) {
        Answer answer = admin.post("/v1/tenants", body);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
    }

    private Tenant tenant(String name) {
        return admin.host().resources(Tenant.class).withName(name).get();
    }

    private static String uid(Answer answer) {
        return answer.json().path("metadata").path("uid").asText();
    }

    @SuppressWarnings("NullAway") // set before each test
    private static AdminFixture unset() {
        return null;
    }
}
