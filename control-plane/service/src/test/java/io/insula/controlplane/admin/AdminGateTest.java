package io.insula.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.admin.Route.AuditObject;
import io.insula.controlplane.keys.KeySafe;
import io.insula.controlplane.pki.CertificateAuthority;
import io.insula.controlplane.pki.CertificateSpec;
import io.insula.controlplane.pki.PemStore;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.audit.AuditSink;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The gate alone, with routes of the test's own: who is let in, what is done then, and what is on record of it.
final class AdminGateTest {

    private final Instant now = Instant.parse("2026-01-01T00:00:00Z");

    private final List<String> done = new ArrayList<>();
    private final List<ObjectNode> events = new ArrayList<>();
    private boolean takes = true;
    private boolean records = true;
    private CertificateAuthority authority;
    private AdminGate gate;

    @BeforeEach
    void open(@TempDir Path folder) {
        Clock clock = Clock.fixed(now, ZoneOffset.UTC);
        authority = new PemStore(folder, clock, KeySafe.PLAIN).authority("ca", "insula admin");
        gate = new AdminGate(
                List.of(
                        Route.get("/v1/things", "listThings", AuditObject.of("things"), call -> answer(call, "list")),
                        Route.get(
                                "/v1/things/{name}", "getThing", AuditObject.of("things"), call -> answer(call, "get")),
                        Route.delete(
                                "/v1/things/{name}",
                                "delete",
                                AuditObject.of("things"),
                                call -> answer(call, "delete")),
                        Route.post(
                                "/v1/things",
                                "create",
                                AuditObject.of("things"),
                                Set.of("name"),
                                call -> answer(call, "create")),
                        Route.post("/v1/broken", "break", AuditObject.NONE, Set.of(), _ -> {
                            throw new IllegalStateException("the inside of it");
                        }),
                        Route.get("/v1/refused", "refuse", AuditObject.NONE, _ -> {
                            throw AdminException.alreadyExists("not now");
                        })),
                _ -> sink(),
                clock,
                new Callers(clock, _ -> false, People.none()),
                _ -> Optional.empty());
    }

    @Test
    void doesWhatASuperuserAsksForAndRecordsIt() {
        Answer answer = send("DELETE", "/v1/things/a", superuser());

        assertThat(answer.status()).isEqualTo(200);
        assertThat(done).containsExactly("delete a by root");
        JsonNode event = event();
        assertThat(event.path("verb").asText()).isEqualTo("delete");
        assertThat(event.at("/user/username").asText()).isEqualTo("root");
        assertThat(event.at("/objectRef/resource").asText()).isEqualTo("things");
        assertThat(event.at("/objectRef/name").asText()).isEqualTo("a");
        assertThat(event.at("/annotations/authorization.k8s.io~1decision").asText())
                .isEqualTo("allow");
        assertThat(answer.headers().get("Audit-Id"))
                .containsExactly(event.path("auditID").asText());
        assertThat(answer.headers()).containsEntry("Cache-Control", List.of("no-store"));
    }

    /// The right authority has signed for them all.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "system:masters",
                "system:authenticated",
                "Insula:Superusers",
                "insula:superuser",
                "insula:superusers ",
                " insula:superusers",
                "insula:superusersx",
                "insula:superusers,x",
                "x/insula:superusers"
            })
    void letsNobodyInWithoutTheVeryGroup(String group) {
        assertThat(AdminPki.SUPERUSERS).isEqualTo("insula:superusers");
        X509Certificate other = client("mallory", group.isEmpty() ? List.of() : List.of(group));

        for (String path : List.of("/v1/things/a", "/v1/nothing", "/v1/things/")) {
            events.clear();
            Answer answer = send("DELETE", path, other);
            assertThat(answer.status()).as(path).isEqualTo(403);
            assertThat(answer.body())
                    .as("strangers do not learn what is served")
                    .contains("mallory", "is not in the group")
                    .doesNotContain("not served");
            assertThat(event().at("/annotations/authorization.k8s.io~1decision").asText())
                    .isEqualTo("forbid");
            assertThat(event().at("/user/username").asText()).isEqualTo("mallory");
        }
        assertThat(done).isEmpty();
    }

    /// A group is not a name.
    @Test
    void takesNoNameForAGroup() {
        assertThat(send("DELETE", "/v1/things/a", client(AdminPki.SUPERUSERS, List.of()))
                        .status())
                .isEqualTo(403);
        assertThat(done).isEmpty();
    }

    @Test
    void asksForACertificateThatIsValidNow() {
        assertThat(send("GET", "/v1/things").status()).isEqualTo(401);
        assertThat(send("GET", "/v1/things", expired()).status()).isEqualTo(401);
        assertThat(send("GET", "/v1/things", notForClients()).status()).isEqualTo(401);

        assertThat(done).isEmpty();
        assertThat(events)
                .hasSize(3)
                .allSatisfy(event ->
                        assertThat(event.at("/responseStatus/code").asInt()).isEqualTo(401));
    }

    @Test
    void doesNothingThatCannotBeRecorded() {
        takes = false;
        Answer answer = send("DELETE", "/v1/things/a", superuser());

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.body()).contains("takes no events, so nothing was done");
        assertThat(done).isEmpty();
    }

    @Test
    void withholdsTheAnswerOfWhatTurnsOutNotToBeRecorded() {
        records = false;
        Answer answer = send("GET", "/v1/things/a", superuser());

        assertThat(done).containsExactly("get a by root");
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.body()).contains("withheld").doesNotContain("secret");
    }

    @Test
    void tellsNothingOfTheInsideOfAFailure() {
        Answer answer = send("POST", "/v1/broken", "{}", superuser());

        assertThat(answer.status()).isEqualTo(500);
        String id = event().path("auditID").asText();
        assertThat(answer.body()).contains(id).doesNotContain("the inside of it", "IllegalState");
        assertThat(event().at("/responseStatus/code").asInt()).isEqualTo(500);
    }

    @Test
    void recordsWhatIsRefused() {
        assertThat(send("GET", "/v1/refused", superuser()).status()).isEqualTo(409);
        assertThat(event().at("/responseStatus/code").asInt()).isEqualTo(409);
        assertThat(event().at("/responseStatus/message").asText()).isEqualTo("not now");

        events.clear();
        Answer answer = send("PUT", "/v1/things/a", superuser());
        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.headers().get("Allow")).containsExactly("DELETE, GET");
        assertThat(event().at("/responseStatus/code").asInt()).isEqualTo(405);
    }

    /// An ID that the client chose could be one that has been.
    @Test
    void choosesTheEventsIdItself() {
        var own = Map.of("audit-id", List.of("4a1e1c2e-0000-4000-8000-000000000000"));
        var request =
                new HttpRequest("GET", "/v1/things", "", own, new byte[0], "127.0.0.1", List.of(superuser()), false);
        var answer = new Answer();
        gate.handle(request, answer);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(event().path("auditID").asText()).isNotEqualTo("4a1e1c2e-0000-4000-8000-000000000000");
    }

    private AdminAnswer answer(AdminCall call, String what) {
        done.add(what + " " + call.name() + " by " + call.user().name());
        return AdminAnswer.ok(Json.object().put("thing", "secret"));
    }

    private JsonNode event() {
        assertThat(events).hasSize(1);
        return events.getFirst();
    }

    private AuditSink sink() {
        return new AuditSink() {
            @Override
            public void accept(ObjectNode event) {
                if (!records) {
                    throw new Unavailable("the disk is full", new IOException("no space left on device"));
                }
                events.add(event);
            }

            @Override
            public void requireTaking() {
                if (!takes) {
                    throw new Unavailable("the disk is full", new IOException("no space left on device"));
                }
            }
        };
    }

    private X509Certificate superuser() {
        return client("root", List.of(AdminPki.SUPERUSERS));
    }

    private X509Certificate client(String user, List<String> groups) {
        return authority
                .issue(CertificateSpec.client(user, groups, Duration.ofHours(1)))
                .certificate();
    }

    private X509Certificate expired() {
        Clock past = Clock.fixed(now.minus(Duration.ofDays(2)), ZoneOffset.UTC);
        return new CertificateAuthority(authority.own(), past)
                .issue(CertificateSpec.client("root", List.of(AdminPki.SUPERUSERS), Duration.ofHours(1)))
                .certificate();
    }

    private X509Certificate notForClients() {
        return authority
                .issue(CertificateSpec.server("root", List.of("localhost")))
                .certificate();
    }

    private Answer send(String method, String path, X509Certificate... certificates) {
        return send(method, path, "", certificates);
    }

    private Answer send(String method, String path, String body, X509Certificate... certificates) {
        var headers =
                body.isEmpty() ? Map.<String, List<String>>of() : Map.of("content-type", List.of("application/json"));
        var answer = new Answer();
        gate.handle(
                new HttpRequest(
                        method,
                        path,
                        "",
                        headers,
                        body.getBytes(StandardCharsets.UTF_8),
                        "127.0.0.1",
                        List.of(certificates),
                        false),
                answer);
        return answer;
    }

    /// What is answered, once.
    private static final class Answer implements HttpResponder {
        private int status;
        private Map<String, List<String>> headers = Map.of();
        private String body = "";

        @Override
        public void send(int code, Map<String, List<String>> all, byte[] bytes) {
            assertThat(status).as("answered once").isZero();
            status = code;
            headers = all;
            body = new String(bytes, StandardCharsets.UTF_8);
        }

        @Override
        public BodyStream stream(int code, Map<String, List<String>> all) {
            throw new UnsupportedOperationException("no answer of this API is a stream");
        }

        int status() {
            return status;
        }

        Map<String, List<String>> headers() {
            return headers;
        }

        String body() {
            return body;
        }
    }
}
