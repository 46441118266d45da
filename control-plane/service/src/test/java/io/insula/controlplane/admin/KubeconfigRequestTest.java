package io.insula.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.Config;
import io.insula.controlplane.admin.AdminFixture.Answer;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A kubeconfig gives what was asked for in so many words: a typing error gives nothing, and never more.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KubeconfigRequestTest {

    private static final String TENANT = "/v1/tenants/acme/kubeconfig";
    private static final String HOST = "/v1/host/kubeconfig";

    private AdminFixture admin = unset();

    @BeforeAll
    void start(@TempDir Path folder) {
        admin = new AdminFixture(folder);
        assertThat(admin.post("/v1/tenants", "{\"name\":\"acme\"}").status()).isEqualTo(201);
    }

    @AfterAll
    void stop() {
        admin.close();
    }

    record Case(int status, String body, String detail) {
        @Override
        public String toString() {
            return body;
        }
    }

    static Stream<Case> refused() {
        return Stream.of(
                // what a typing error makes
                new Case(400, "{\"user\":\"bob\",\"groups\":\"viewers\"}", "groups: \"viewers\" (expected: an array"),
                new Case(400, "{\"user\":\"bob\",\"group\":[\"viewers\"]}", "unknown field \"group\""),
                new Case(400, "{\"user\":\"bob\",\"validity\":\"1h\"}", "unknown field \"validity\""),
                new Case(400, "{\"User\":\"bob\"}", "unknown field \"User\""),
                new Case(400, "{\"user\":\"bob\",\"expirationSeconds\":\"1h\"}", "expirationSeconds: \"1h\""),
                new Case(400, "{\"user\":\"bob\",\"expirationSeconds\":3600.5}", "expirationSeconds: 3600.5"),
                new Case(400, "{\"user\":\"bob\",\"expirationSeconds\":1e30}", "expirationSeconds: "),
                new Case(400, "{\"user\":\"bob\",\"expirationSeconds\":99999999999999999999}", "expirationSeconds: "),
                new Case(400, "{\"user\":\"bob\",\"expirationSeconds\":null}", "expirationSeconds: null"),
                new Case(400, "{\"user\":\"bob\",\"expirationSeconds\":true}", "expirationSeconds: true"),
                new Case(400, "{}", "user: missing"),
                new Case(400, "{\"groups\":[\"viewers\"]}", "user: missing"),
                new Case(400, "{\"user\":null}", "user: null (expected: a string)"),
                new Case(400, "{\"user\":7}", "user: 7"),
                new Case(400, "{\"user\":[\"bob\"]}", "user: [\"bob\"]"),
                new Case(400, "{\"user\":{\"name\":\"bob\"}}", "user: {"),
                new Case(400, "{\"user\":\"bob\",\"groups\":null}", "groups: null"),
                new Case(400, "{\"user\":\"bob\",\"groups\":{}}", "groups: {}"),
                new Case(400, "{\"user\":\"bob\",\"groups\":[null]}", "groups[0]: null"),
                new Case(400, "{\"user\":\"bob\",\"groups\":[[\"a\"]]}", "groups[0]: [\"a\"]"),
                new Case(400, "{\"user\":\"bob\",\"groups\":[\"a\",1]}", "groups[1]: 1"),
                new Case(400, "{\"user\":\"bob\",\"groups\":[\"a\",\"a\"]}", "groups[1]: \"a\" is there twice"),
                new Case(400, "{\"user\":\"bob\",\"user\":\"eve\"}", "Duplicate field 'user'"),
                new Case(400, "{\"user\":\"bob\",\"groups\":[],\"groups\":[\"system:masters\"]}", "Duplicate field"),
                new Case(400, "[{\"user\":\"bob\"}]", "expected: a JSON object"),
                new Case(400, "\"bob\"", "expected: a JSON object"),
                new Case(400, "null", "expected: a JSON object"),
                new Case(400, "", "body: empty"),
                new Case(400, "{\"user\":\"bob\"} {\"user\":\"eve\"}", "body: not JSON"),
                new Case(400, "{user: bob}", "body: not JSON"),
                new Case(400, "{\"user\":\"bob\",}", "body: not JSON"),
                // what nobody can be
                new Case(422, "{\"user\":\"\"}", "user: \"\""),
                new Case(422, "{\"user\":\" bob\"}", "user: \" bob\""),
                new Case(422, "{\"user\":\"bob\\nroot\"}", "user: "),
                new Case(422, "{\"user\":\"bob\\\"\"}", "user: "),
                new Case(422, "{\"user\":\"" + "b".repeat(65) + "\"}", "1 to 64"),
                new Case(422, "{\"user\":\"system:apiserver\"}", "does not begin with"),
                new Case(422, "{\"user\":\"system:serviceaccount:kube-system:default\"}", "does not begin with"),
                new Case(422, "{\"user\":\"bob\",\"groups\":[\"system:nodes\"]}", "system:nodes"),
                new Case(422, "{\"user\":\"bob\",\"groups\":[\"system:authenticated\"]}", "system:authenticated"),
                new Case(422, "{\"user\":\"bob\",\"groups\":[\"system:serviceaccounts\"]}", "system:serviceaccounts"),
                new Case(422, "{\"user\":\"bob\",\"groups\":[\"a\",\"insula:superusers\"]}", "insula:superusers"),
                new Case(422, "{\"user\":\"bob\",\"groups\":[\"a,system:masters\"]}", "groups: "),
                new Case(422, "{\"user\":\"bob\",\"groups\":[\"\"]}", "groups: \"\""),
                new Case(422, "{\"user\":\"bob\",\"expirationSeconds\":0}", "600..31536000"),
                new Case(422, "{\"user\":\"bob\",\"expirationSeconds\":-600}", "600..31536000"),
                new Case(422, "{\"user\":\"bob\",\"expirationSeconds\":599}", "600..31536000"),
                new Case(422, "{\"user\":\"bob\",\"expirationSeconds\":31536001}", "600..31536000"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusesByName(Case wrong) {
        for (String target : List.of(TENANT, HOST)) {
            if (target.equals(HOST) && wrong.body().equals("{}")) {
                continue;
            }
            Answer answer = admin.post(target, wrong.body());
            assertThat(answer.status()).as(answer.toString()).isEqualTo(wrong.status());
            assertThat(answer.json().path("detail").asText()).contains(wrong.detail());
            assertThat(answer.body()).doesNotContain("client-key-data", "apiVersion: v1");
            assertThat(event(answer).path("responseStatus").path("message").asText())
                    .isEqualTo(answer.json().path("detail").asText());
        }
    }

    @Test
    void givesANamedUserNothingUnlessAsked() throws Exception {
        Answer answer = admin.post(TENANT, "{\"user\":\"bob\"}");

        X509Certificate certificate = certificate(answer);
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=bob");
        assertThat(Duration.between(Instant.now(), certificate.getNotAfter().toInstant()))
                .isBetween(Duration.ofDays(29), Duration.ofDays(30));
        assertThat(answer.json().path("groups").isEmpty()).isTrue();
        JsonNode said = event(answer).path("annotations");
        assertThat(said.path("insula.io/kubeconfig-user").asText()).isEqualTo("bob");
        assertThat(said.path("insula.io/kubeconfig-groups").asText()).isEmpty();
        assertThat(said.path("insula.io/kubeconfig-seconds").asText()).isEqualTo("2592000");
        assertThat(said.path("insula.io/kubeconfig-credential-id").asText()).startsWith("X509SHA256=");
        assertThat(Instant.parse(said.path("insula.io/kubeconfig-expires").asText()))
                .isEqualTo(certificate.getNotAfter().toInstant());
    }

    /// RBAC cannot restrict the group: who wants it says so, and the trail says it, granted or not.
    @Test
    void givesMastersOnlyInSoManyWordsAndSaysSo() throws Exception {
        Answer answer = admin.post(
                TENANT, "{\"user\":\"bob\",\"groups\":[\"system:masters\",\"ops\"],\"expirationSeconds\":600}");

        X509Certificate certificate = certificate(answer);
        assertThat(certificate.getSubjectX500Principal().getName()).contains("O=system:masters", "O=ops");
        assertThat(Duration.between(Instant.now(), certificate.getNotAfter().toInstant()))
                .isBetween(Duration.ofMinutes(8), Duration.ofMinutes(10));
        ObjectNode event = event(answer);
        assertThat(event.path("annotations").path("insula.io/kubeconfig-groups").asText())
                .isEqualTo("system:masters,ops");
        assertThat(event.path("verb").asText()).isEqualTo("create");
        assertThat(event.path("objectRef").path("resource").asText()).isEqualTo("tenants");
        assertThat(event.path("objectRef").path("subresource").asText()).isEqualTo("kubeconfig");
        assertThat(event.path("objectRef").path("name").asText()).isEqualTo("acme");
        assertThat(admin.eventsOf("acme")).contains(event);
        Answer nobody =
                admin.post("/v1/tenants/nobody/kubeconfig", "{\"user\":\"bob\",\"groups\":[\"system:masters\"]}");
        assertThat(nobody.status()).isEqualTo(404);
        assertThat(event(nobody)
                        .path("annotations")
                        .path("insula.io/kubeconfig-groups")
                        .asText())
                .isEqualTo("system:masters");
        assertThat(admin.spools()).doesNotContain("nobody");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"user\":\"bob\"}", "{}"})
    void tellsWhoseTheHostsAre(String body) throws Exception {
        Answer answer = admin.post(HOST, body);

        boolean named = body.contains("bob");
        assertThat(certificate(answer).getSubjectX500Principal().getName())
                .isEqualTo(named ? "CN=bob" : "CN=admin,O=insula:cluster-admins");
        assertThat(event(answer)
                        .path("annotations")
                        .path("insula.io/kubeconfig-user")
                        .asText())
                .isEqualTo(named ? "bob" : "admin");
    }

    private static X509Certificate certificate(Answer answer) throws Exception {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        Config config = Config.fromKubeconfig(answer.json().path("kubeconfig").asText());
        byte[] pem = Base64.getDecoder().decode(config.getClientCertData());
        assertThat(new String(pem, StandardCharsets.US_ASCII)).contains("BEGIN CERTIFICATE");
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
    }

    private ObjectNode event(Answer answer) {
        return admin.events().stream()
                .filter(e -> e.path("auditID").asText().equals(answer.header("audit-id")))
                .findFirst()
                .orElseThrow();
    }

    @SuppressWarnings("NullAway") // set before the first test
    private static AdminFixture unset() {
        return null;
    }
}
