package io.insula.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.admin.AdminFixture.Answer;
import io.insula.controlplane.admin.AdminFixture.Spool;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.pki.CertificateAuthority;
import io.insula.controlplane.tenant.Tenant;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A superuser who wants to leave no trace, and others who want to be one: every request that is served or refused by
/// the admin API has one event, and what is refused has changed nothing.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AdminAttackTest {

    private static final String TYPE = "Content-Type: application/json";

    private AdminFixture admin = unset();

    @BeforeAll
    void start(@TempDir Path folder) {
        admin = new AdminFixture(folder);
        assertThat(admin.post("/v1/tenants", "{\"name\":\"victim\"}").status()).isEqualTo(201);
    }

    @AfterAll
    void stop() {
        admin.close();
    }

    record Case(String name, int status, String requestLine, String body, String... headers) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> tricks() {
        String kubeconfig = "{\"user\":\"mallory\",\"groups\":[\"system:masters\"]}";
        return Stream.of(
                // A create, a credential and a delete, each by another way around what a pattern would recognise.
                post("trailing slash at a create", 404, "/v1/tenants/", "{\"name\":\"ghost\"}"),
                post("trailing slash at a kubeconfig", 404, "/v1/tenants/victim/kubeconfig/", kubeconfig),
                delete("trailing slash at a delete", 404, "/v1/tenants/victim/"),
                post("query trick at a create", 400, "/v1/tenants?cursor=x", "{\"name\":\"ghost\"}"),
                post("query trick at a kubeconfig", 400, "/v1/tenants/victim/kubeconfig?cursor=x", kubeconfig),
                delete("query trick at a delete", 400, "/v1/tenants/victim?cursor=x"),
                delete("query trick with an escape", 400, "/v1/tenants/victim?%63ursor=x"),
                delete("method by query", 400, "/v1/tenants/victim?_method=GET"),
                get("known parameter twice", 400, "/v1/audit?limit=1&limit=2"),
                get("broken escape in the query", 400, "/v1/audit?tenant=%zz"),
                get("bytes that are no UTF-8 in the query", 400, "/v1/audit?tenant=%ff"),
                get("control character in the query", 400, "/v1/audit?tenant=%00"),
                get("empty parameter", 400, "/v1/tenants?limit=1&"),
                post("double slash", 404, "/v1//tenants", "{\"name\":\"ghost\"}"),
                post("double slash in front", 404, "//v1/tenants", "{\"name\":\"ghost\"}"),
                delete("dot segment", 404, "/v1/./tenants/victim"),
                delete("dot dot segment", 404, "/v1/profiles/../tenants/victim"),
                delete("dots at the end", 404, "/v1/tenants/victim/."),
                delete("encoded letter", 404, "/v1/tenants/%76ictim"),
                delete("encoded letter of the resource", 404, "/v1/%74enants/victim"),
                delete("encoded slash", 404, "/v1/tenants%2Fvictim"),
                delete("encoded slash, twice", 404, "/v1/tenants%252Fvictim"),
                delete("encoded dots", 404, "/v1/x/%2e%2e/tenants/victim"),
                delete("encoded trailing slash", 404, "/v1/tenants/victim%2F"),
                delete("zero byte", 404, "/v1/tenants/victim%00"),
                delete("matrix parameter", 404, "/v1/tenants/victim;v=1"),
                delete("matrix parameter of the resource", 404, "/v1/tenants;x/victim"),
                delete("backslash", 404, "/v1\\tenants\\victim"),
                delete("fragment", 404, "/v1/tenants/victim#x"),
                delete("upper case", 404, "/V1/tenants/victim"),
                delete("upper case name", 404, "/v1/tenants/VICTIM"),
                delete("overlong UTF-8", 404, "/v1/tenants%c0%afvictim"),
                delete("blank at the end", 404, "/v1/tenants/victim%20"),
                delete("suffix", 404, "/v1/tenants/victim.json"),
                get("another version", 404, "/v2/tenants"),
                get("no path", 404, "/"),
                get("the framework's own pages", 404, "/errors"),
                get("health pages", 404, "/health"),
                // Methods.
                line("override by header", 200, "GET /v1/tenants/victim", "", "X-HTTP-Method-Override: DELETE"),
                line("another override", 200, "GET /v1/tenants/victim", "", "X-Method-Override: DELETE"),
                line("HEAD", 405, "HEAD /v1/tenants", ""),
                line("OPTIONS", 405, "OPTIONS /v1/tenants", ""),
                line("OPTIONS of all", 404, "OPTIONS *", ""),
                line("TRACE", 405, "TRACE /v1/tenants", ""),
                line("PUT", 405, "PUT /v1/tenants/victim", "{}", TYPE),
                line("a method in lower case", 405, "delete /v1/tenants/victim", ""),
                line("a method nobody has heard of", 405, "PURGE /v1/tenants/victim", ""),
                line("delete of all", 405, "DELETE /v1/tenants", ""),
                line("read of a credential", 405, "GET /v1/tenants/victim/kubeconfig", ""),
                // Forms of the target, and connections that would become something else.
                line("absolute form", 404, "DELETE http://localhost/v1/tenants/victim/", ""),
                line("absolute form of another scheme", 404, "DELETE h2c://x/v1/tenants/victim/", ""),
                line(
                        "h2c upgrade",
                        404,
                        "DELETE /v1/tenants/victim/",
                        "",
                        "Upgrade: h2c",
                        "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"),
                line(
                        "WebSocket",
                        200,
                        "GET /v1/tenants",
                        "",
                        "Connection: Upgrade",
                        "Upgrade: websocket",
                        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
                        "Sec-WebSocket-Version: 13"),
                // Bodies where none belongs, or of another kind.
                line("delete with a body", 400, "DELETE /v1/tenants/victim", "{}", TYPE),
                line("list with a body", 400, "GET /v1/tenants", "{}", TYPE),
                line("no type", 415, "POST /v1/tenants", "{\"name\":\"ghost\"}"),
                line("form", 415, "POST /v1/tenants", "name=ghost", "Content-Type: application/x-www-form-urlencoded"),
                line("text", 415, "POST /v1/tenants", "{\"name\":\"ghost\"}", "Content-Type: text/plain"),
                line("two types", 415, "POST /v1/tenants", "{\"name\":\"ghost\"}", TYPE, "Content-Type: text/plain"),
                line("charset", 415, "POST /v1/tenants", "{}", "Content-Type: application/json; charset=utf-16"),
                line("compressed", 415, "POST /v1/tenants", "{}", TYPE, "Content-Encoding: gzip"),
                line("takes only HTML", 406, "GET /v1/tenants", "", "Accept: text/html"),
                line("takes no JSON", 406, "GET /v1/tenants", "", "Accept: application/json;q=0"),
                line("a condition that is not heeded", 400, "GET /v1/tenants/victim", "", "If-Match: \"1\""),
                line("a key that is not heeded", 400, "DELETE /v1/tenants/victim", "", "Idempotency-Key: a"),
                line("a condition that is none", 400, "DELETE /v1/tenants/victim", "", "If-Match: 7"),
                line("an empty condition", 400, "DELETE /v1/tenants/victim", "", "If-Match:"),
                line("another version of it", 412, "DELETE /v1/tenants/victim", "", "If-Match: \"1\""),
                line("a weak tag", 400, "DELETE /v1/tenants/victim", "", "If-Match: W/\"1\""),
                line("too large", 413, "POST /v1/tenants", "\"" + "x".repeat(AdminGate.MAX_BODY_BYTES) + "\"", TYPE));
    }

    @ParameterizedTest
    @MethodSource("tricks")
    void recordsOnceWhatIsAskedInWhateverWay(Case trick) {
        Set<String> before = tenants();
        int events = admin.events().size();

        Answer answer = admin.send(admin.superuser(), trick.requestLine() + " HTTP/1.1", trick.body(), trick.headers());

        assertThat(answer.status()).as(answer.toString()).isEqualTo(trick.status());
        assertThat(recorded(answer)).singleElement().satisfies(event -> {
            assertThat(event.path("responseStatus").path("code").asInt()).isEqualTo(trick.status());
            assertThat(event.path("user").path("username").asText()).isEqualTo("root");
        });
        assertThat(admin.events()).hasSize(events + 1);
        if (trick.status() >= 400 && !trick.requestLine().startsWith("HEAD")) {
            assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
            assertThat(answer.json().path("status").asInt()).isEqualTo(trick.status());
            assertThat(answer.body()).doesNotContain("Exception", "io.insula");
        }
        assertUnharmed(before);
    }

    /// What is no HTTP request at all never gets as far: the edge refuses it, does nothing and has it recorded.
    @ParameterizedTest
    @MethodSource("broken")
    void recordsWhatIsNoRequestBeforeAnythingHappens(Case broken) {
        Set<String> before = tenants();
        int events = admin.events().size();

        Answer answer = admin.raw(admin.superuser(), broken.requestLine());

        assertThat(answer.status()).as(answer.toString()).isEqualTo(broken.status());
        assertThat(admin.events()).hasSize(events + 1);
        ObjectNode event = admin.eventsOf(AuditTrail.HOST).getLast();
        assertThat(event.at("/responseStatus/code").asInt()).isEqualTo(broken.status());
        assertThat(event.at("/user/username").asText()).isEqualTo("root");
        assertThat(event.at("/sourceIPs/0").asText()).isEqualTo("127.0.0.1");
        assertThat(event.path("requestURI").asText()).isEqualTo(broken.body());
        assertUnharmed(before);
    }

    @Test
    void recordsWhatIsNoRequestFromAStranger() {
        var stranger = CertificateAuthority.create("insula admin", Clock.systemUTC());

        admin.raw(admin.client(stranger, "root", AdminPki.SUPERUSERS), "nonsense\r\n\r\n");

        ObjectNode event = admin.eventsOf(AuditTrail.HOST).getLast();
        assertThat(event.at("/responseStatus/code").asInt()).isEqualTo(400);
        assertThat(event.at("/user/username").isMissingNode()).isTrue();
    }

    /// In the place of a body: the URI that is recorded, as far as there is one.
    static Stream<Case> broken() {
        String host = "Host: localhost\r\nConnection: close\r\n";
        return Stream.of(
                line("no host", 400, "DELETE /v1/tenants/victim HTTP/1.1\r\n\r\n", "/v1/tenants/victim"),
                line(
                        "two hosts",
                        400,
                        "DELETE /v1/tenants/victim HTTP/1.1\r\n" + host + host + "\r\n",
                        "/v1/tenants/victim"),
                line("no target", 400, "DELETE v1/tenants/victim HTTP/1.1\r\n" + host + "\r\n", "v1/tenants/victim"),
                line(
                        "two lengths",
                        400,
                        "POST /v1/tenants HTTP/1.1\r\n" + host + TYPE
                                + "\r\nContent-Length: 2\r\nContent-Length: 99\r\n\r\n{}",
                        ""),
                line("no HTTP", 400, "nonsense\r\n\r\n", ""),
                line(
                        "far too large",
                        413,
                        "POST /v1/tenants HTTP/1.1\r\n" + host + TYPE + "\r\nContent-Length: 99999999\r\n\r\n",
                        "/v1/tenants"),
                line(
                        "length and chunks",
                        400,
                        "POST /v1/tenants HTTP/1.1\r\n" + host + TYPE
                                + "\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        ""),
                line(
                        "another coding",
                        501,
                        "POST /v1/tenants HTTP/1.1\r\n" + host + TYPE + "\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                        "/v1/tenants"));
    }

    /// Two requests on one connection are two events; one hidden in another's body is none.
    @Test
    void recordsEachOfWhatIsPipelined() {
        int events = admin.events().size();
        String one = "GET /v1/tenants HTTP/1.1\r\nHost: localhost\r\n\r\n";
        String last = "GET /v1/profiles HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

        admin.raw(admin.superuser(), one + one + last);

        assertThat(admin.events()).hasSize(events + 3);
        String hidden = "DELETE /v1/tenants/victim HTTP/1.1\r\nHost: localhost\r\n\r\n";
        Answer answer = admin.post("/v1/tenants", hidden);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(admin.events()).hasSize(events + 4);
        assertThat(tenants()).contains("victim");
    }

    @Test
    void recordsOnceOverHttp2() throws Exception {
        try (var http = HttpClient.newBuilder()
                .sslContext(admin.superuser())
                .version(HttpClient.Version.HTTP_2)
                .build()) {
            for (String path : List.of("/v1/tenants/", "/v1/tenants/victim;x", "/v1/%74enants")) {
                int events = admin.events().size();
                var answer = http.send(
                        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + admin.port() + path))
                                .DELETE()
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
                assertThat(answer.statusCode()).isEqualTo(404);
                assertThat(admin.events()).hasSize(events + 1);
            }
        }
    }

    /// An ID that has been would make a consumer that takes each once overlook the request.
    @Test
    void takesNoAuditIdFromTheClient() {
        Answer first = admin.get("/v1/tenants");
        Answer second =
                admin.send(admin.superuser(), "GET /v1/profiles HTTP/1.1", "", "Audit-ID: " + first.header("audit-id"));

        assertThat(second.header("audit-id")).isNotEmpty().isNotEqualTo(first.header("audit-id"));
        assertThat(recorded(second)).hasSize(1);
    }

    @Test
    void letsNobodyInButSuperusers() {
        var stranger = CertificateAuthority.create("insula admin", Clock.systemUTC());
        record Stranger(String name, int status, javax.net.ssl.SSLContext tls) {}
        var strangers = List.of(
                new Stranger("right authority, no group", 403, admin.member("mallory")),
                new Stranger("right authority, wrong group", 403, admin.member("mallory", "insula:users")),
                new Stranger("a group that almost is it", 403, admin.member("mallory", "Insula:Superusers")),
                new Stranger("the group as user name", 403, admin.member(AdminPki.SUPERUSERS)),
                new Stranger("masters of a cluster", 403, admin.member("mallory", "system:masters")),
                new Stranger("expired", 401, admin.expired()),
                new Stranger("of the same name, forged", 401, admin.client(stranger, "root", AdminPki.SUPERUSERS)));
        for (Stranger each : strangers) {
            for (String request : List.of("GET /v1/tenants", "DELETE /v1/tenants/victim", "GET /openapi.json")) {
                int events = admin.events().size();
                Answer answer = admin.send(each.tls(), request + " HTTP/1.1", "");
                assertThat(answer.status()).as(each.name() + ": " + answer).isEqualTo(each.status());
                assertThat(recorded(answer)).as(each.name()).hasSize(1);
                assertThat(admin.events()).hasSize(events + 1);
            }
            Answer taken =
                    admin.send(each.tls(), "POST /v1/tenants/victim/kubeconfig HTTP/1.1", "{\"user\":\"a\"}", TYPE);
            assertThat(taken.body()).as(each.name()).doesNotContain("client-key-data");
        }
        assertThat(tenants()).contains("victim");
    }

    /// Nothing is done that cannot be recorded, and nothing handed out that has not been.
    @Test
    void doesNothingThatCannotBeRecorded() {
        String wanted = "{\"user\":\"mallory\"}";
        try {
            admin.spool(Spool.FULL);
            for (Answer answer : List.of(
                    admin.post("/v1/tenants", "{\"name\":\"ghost\"}"),
                    admin.delete("/v1/tenants/victim"),
                    admin.post("/v1/tenants/victim/kubeconfig", wanted))) {
                assertThat(answer.status()).isEqualTo(503);
                assertThat(answer.body()).contains("nothing was done").doesNotContain("client-key-data", "no space");
            }
            admin.spool(Spool.FILLING);
            Answer answer = admin.post("/v1/tenants/victim/kubeconfig", wanted);
            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.body()).contains("cannot be recorded").doesNotContain("client-key-data", "no space");
        } finally {
            admin.spool(Spool.GOOD);
        }
        assertThat(tenants()).contains("victim").doesNotContain("ghost");
        assertThat(admin.get("/v1/tenants").status()).isEqualTo(200);
    }

    private void assertUnharmed(Set<String> before) {
        assertThat(tenants()).isEqualTo(before);
        assertThat(admin.get("/v1/tenants/victim").status()).isEqualTo(200);
    }

    private Set<String> tenants() {
        var names = new java.util.TreeSet<String>();
        for (Tenant tenant : admin.host().resources(Tenant.class).list().getItems()) {
            assertThat(tenant.isMarkedForDeletion()).isFalse();
            names.add(tenant.getMetadata().getName());
        }
        return names;
    }

    private List<ObjectNode> recorded(Answer answer) {
        var found = new ArrayList<ObjectNode>();
        for (ObjectNode event : admin.events()) {
            if (event.path("auditID").asText().equals(answer.header("audit-id"))) {
                found.add(event);
            }
        }
        return found;
    }

    private static Case get(String name, int status, String target) {
        return line(name, status, "GET " + target, "");
    }

    private static Case post(String name, int status, String target, String body) {
        return line(name, status, "POST " + target, body, TYPE);
    }

    private static Case delete(String name, int status, String target) {
        return line(name, status, "DELETE " + target, "");
    }

    private static Case line(String name, int status, String requestLine, String body, String... headers) {
        return new Case(name, status, requestLine, body, headers);
    }

    @SuppressWarnings("NullAway") // set before the first test
    private static AdminFixture unset() {
        return null;
    }
}
