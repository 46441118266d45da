package io.insula.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.fabric8.kubernetes.client.Config;
import io.insula.controlplane.admin.AdminFixture.Answer;
import io.insula.rules.network.AddressBlock;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.structured.TestIssuer;
import io.insula.tenantapi.auth.structured.TestLogins;
import io.insula.tenantapi.egress.EgressPolicy;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// People with tokens instead of certificates, and those who would like to pass for them.
final class PeopleTest {

    private static final String CLIENT = "insula";

    private final AtomicReference<Duration> later = new AtomicReference<>(Duration.ZERO);
    private ECKey key;
    private TestIssuer issuer;
    private TestLogins logins;
    private AdminFixture admin;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        key = key("first");
        issuer = new TestIssuer(key);
        logins = new TestLogins(issuer, key, CLIENT);
        var plan = new OidcPlan(
                issuer.url(),
                CLIENT,
                issuer.certificateAuthority(),
                "sub",
                "groups",
                Map.of("platform", Set.of("superuser"), "ops", Set.of("operator"), "sec", Set.of("auditor")));
        var policy = EgressPolicy.CLOSED.opening(List.of(AddressBlock.of("127.0.0.1/32")));
        admin = new AdminFixture(
                folder, People.of(plan, policy, () -> Instant.now().plus(later.get())));
        assertThat(admin.post("/v1/tenants", "{\"name\":\"acme\"}").status()).isEqualTo(201);
        assertThat(admin.post("/v1/tenants", "{\"name\":\"globex\"}").status()).isEqualTo(201);
    }

    @AfterEach
    void stop() {
        admin.close();
        issuer.close();
    }

    @Test
    void giveThemTheRolesOfTheirGroups() {
        logins.as("alice", "sec", "others");
        assertThat(get("/v1/tenants", token()).status()).isEqualTo(200);
        assertThat(post("/v1/tenants", token(), "{\"name\":\"x\"}").status()).isEqualTo(403);

        logins.as("bob", "ops");
        assertThat(post("/v1/tenants", token(), "{\"name\":\"initech\"}").status())
                .isEqualTo(201);
        assertThat(get("/v1/audit", token()).status()).isEqualTo(403);

        logins.as("carol", "platform");
        assertThat(get("/v1/audit", token()).status()).isEqualTo(200);
        assertThat(admin.events()).anySatisfy(event -> {
            assertThat(event.at("/user/username").asText()).isEqualTo("oidc:bob");
            assertThat(event.at("/user/groups").toString()).contains("\"oidc:ops\"", "\"insula:operators\"");
            assertThat(event.path("verb").asText()).isEqualTo("create");
        });
    }

    /// A token never gives more than the superuser said that its groups are worth.
    @Test
    void giveNothingForGroupsThatNobodyNamed() {
        logins.as(
                "system:admin",
                "insula:superusers",
                "system:masters",
                "oidc:platform",
                "superuser",
                "superusers",
                "Platform",
                "platform ",
                "insula:owners:" + uid("acme"),
                "insula:members:" + uid("acme"),
                "system:authenticated");
        var told = new ArrayList<String>();
        for (Route route : admin.routes()) {
            told.add(ask(route, "acme", token()).body());
        }
        for (String path : List.of("/", "/v1/nothing", "/v1/tenants/", "/v1/tenants?limit=x", "/v1/tenants/a/b/c")) {
            told.add(get(path, token()).body());
        }
        assertThat(told)
                .as("strangers learn nothing of what is served")
                .allSatisfy(body -> assertThat(Json.parse(body.getBytes(StandardCharsets.UTF_8))
                                .path("detail"))
                        .hasToString(
                                "\"user \\\"oidc:system:admin\\\" has no role here by any of the token's groups\""));
        assertThat(admin.events())
                .filteredOn(event -> event.at("/responseStatus/code").asInt() == 403)
                .hasSize(told.size())
                .allSatisfy(event -> assertThat(event.at("/annotations/authorization.k8s.io~1decision")
                                .asText())
                        .isEqualTo("forbid"));
    }

    @Test
    void areRefusedAndRecordedOnceWhateverIsWrongWithTheToken() throws Exception {
        logins.as("mallory", "platform");
        ECKey strangers = key("first");
        ECKey unknown = key("second");
        String claims = payload(token());
        var bad = Map.<String, List<String>>ofEntries(
                Map.entry("another audience", bearer(logins.idToken(Map.of("aud", "another")))),
                Map.entry("no audience", bearer(logins.idToken(Map.of("aud", List.of())))),
                Map.entry("another issuer", bearer(logins.idToken(Map.of("iss", "https://elsewhere.example.com")))),
                Map.entry("ended", bearer(logins.idToken(Map.of("exp", 1_000_000_000)))),
                Map.entry("without an end", bearer(logins.idToken(Map.of("exp", 0)))),
                Map.entry("not yet", bearer(logins.idToken(Map.of("nbf", 9_999_999_999L)))),
                Map.entry("a name that is none", bearer(logins.idToken(Map.of("sub", "")))),
                Map.entry("groups that are none", bearer(logins.idToken(Map.of("groups", List.of(1))))),
                Map.entry("unsigned", bearer(encoded("{\"alg\":\"none\"}") + "." + encoded(claims) + ".")),
                Map.entry("an HMAC under the public key", bearer(hmac(claims))),
                Map.entry("another's key by the known name", bearer(signed(strangers, claims))),
                Map.entry("a key that is unknown", bearer(signed(unknown, claims))),
                Map.entry("changed claims", bearer(changed(token()))),
                Map.entry("no token at all", bearer("x")),
                Map.entry("nothing", List.of("Authorization: Bearer ")),
                Map.entry("another scheme", List.of("Authorization: Basic " + encoded("mallory:x"))),
                Map.entry(
                        "two of them",
                        List.of("Authorization: Bearer " + token(), "Authorization: Bearer " + token())));
        bad.forEach((name, headers) -> {
            int before = admin.events().size();
            Answer answer = admin.send(admin.nobody(), "GET /v1/tenants HTTP/1.1", "", headers.toArray(String[]::new));
            assertThat(answer.status()).as(name + ": " + answer.body()).isEqualTo(401);
            assertThat(answer.body()).as(name).doesNotContain("oidc:", "audience", "expired", issuer.url());
            assertThat(admin.events()).as(name).hasSize(before + 1);
            JsonNode event = eventBy(answer);
            assertThat(event.at("/annotations/insula.io~1token-refused").asText())
                    .as(name)
                    .isNotEmpty();
            assertThat(event.at("/user/username").asText()).as(name).isEmpty();
        });
        assertThat(get("/v1/tenants", token()).status())
                .as("a good one is taken")
                .isEqualTo(200);
    }

    @Test
    void areNobodyWhereThereIsACertificateToo() {
        logins.as("alice", "platform");
        assertThat(admin.send(
                                admin.member("olga", "insula:auditors"),
                                "GET /v1/tenants HTTP/1.1",
                                "",
                                "Authorization: Bearer " + token())
                        .status())
                .isEqualTo(401);
    }

    /// A token that was good is worth nothing once its key is withdrawn and the keys are read anew.
    @Test
    void areNobodyOnceTheirKeyIsWithdrawn() throws Exception {
        logins.as("alice", "sec");
        logins.living(Duration.ofDays(1).toSeconds());
        String stolen = token();
        assertThat(get("/v1/tenants", stolen).status()).isEqualTo(200);

        issuer.publish(key("next"));
        later.set(Duration.ofMinutes(61));

        assertThat(get("/v1/tenants", stolen).status()).isEqualTo(401);
    }

    @Test
    void areNobodyWhereNoIssuerIsNamed(@TempDir Path folder) {
        logins.as("alice", "platform");
        try (var alone = new AdminFixture(folder)) {
            Answer answer =
                    alone.send(alone.nobody(), "GET /v1/tenants HTTP/1.1", "", "Authorization: Bearer " + token());
            assertThat(answer.status()).isEqualTo(401);
            assertThat(alone.get("/v1/login").status()).isEqualTo(422);
        }
    }

    @Test
    void ownAndEnterTheTenantsThatNameTheirGroups() {
        access("acme", "[{\"group\":\"leads\",\"role\":\"owner\"},{\"group\":\"devs\"}]");
        logins.as("lea", "leads");
        assertThat(get("/v1/tenants/acme", token()).status()).isEqualTo(200);
        assertThat(get("/v1/tenants/globex", token()).status()).isEqualTo(403);
        assertThat(get("/v1/tenants", token()).status()).isEqualTo(403);
        assertThat(login("acme").status()).isEqualTo(200);

        logins.as("dev", "devs");
        assertThat(get("/v1/tenants/acme", token()).status()).isEqualTo(403);
        assertThat(login("acme").status()).isEqualTo(200);
        assertThat(login("globex").body())
                .as("whether there is another tells nothing")
                .isEqualTo(login("nobody").body());
        assertThat(login("globex").status()).isEqualTo(403);

        admin.delete("/v1/tenants/acme");
        assertThat(admin.post("/v1/tenants", "{\"name\":\"acme\"}").status()).isEqualTo(201);
        assertThat(login("acme").status())
                .as("a tenant made later by that name is somebody else's")
                .isEqualTo(403);
    }

    @Test
    void getAShortCertificateForWhomTheTokenNames() throws Exception {
        access(
                "acme",
                "[{\"group\":\"devs\",\"clusterGroups\":[\"insula:cluster-admins\"]},{\"group\":\"x\","
                        + "\"clusterGroups\":[\"system:masters\"]}]");
        logins.as("dev", "devs", "cn=odd,dc=example", "system:masters", "insula:cluster-admins");

        Answer answer = login("acme");

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        X509Certificate certificate = certificate(answer);
        assertThat(certificate.getSubjectX500Principal().getName())
                .contains("CN=oidc:dev", "O=oidc:devs", "O=oidc:system:masters", "O=insula:cluster-admins")
                .doesNotContain("O=system:masters", "dc=example");
        assertThat(Duration.between(Instant.now(), certificate.getNotAfter().toInstant()))
                .isLessThanOrEqualTo(Duration.ofMinutes(15));
        assertThat(answer.json().path("groupsLeftOut").toString()).isEqualTo("[\"oidc:cn=odd,dc=example\"]");
        JsonNode listed = admin.get("/v1/tenants/acme/kubeconfigs").json().at("/items/0");
        assertThat(listed.path("user").asText()).isEqualTo("oidc:dev");
        assertThat(eventBy(answer)
                        .at("/annotations/insula.io~1kubeconfig-groups-left-out")
                        .asText())
                .isEqualTo("oidc:cn=odd,dc=example");
        assertThat(admin.eventsOf("acme")).contains(eventBy(answer));
        assertThat(admin.post("/v1/tenants/acme/kubeconfigs/revoke", "{\"user\":\"oidc:dev\"}")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void getNoCertificateThatNobodyCanGet() {
        access("acme", "[{\"group\":\"devs\"}]");
        logins.as("dev", "devs");
        for (String body : List.of(
                "{\"expirationSeconds\":1}",
                "{\"expirationSeconds\":3601}",
                "{\"expirationSeconds\":\"900\"}",
                "{\"groups\":[\"system:masters\"]}",
                "{\"user\":\"root\"}")) {
            assertThat(post("/v1/tenants/acme/login", token(), body).status())
                    .as(body)
                    .isIn(400, 422);
        }
        logins.as("d".repeat(70), "devs");
        assertThat(login("acme").status()).isEqualTo(422);
        assertThat(admin.post("/v1/tenants/acme/login", "{}").body()).contains("a client certificate has no groups");
        assertThat(admin.get("/v1/tenants/acme/kubeconfigs").json().path("items"))
                .isEmpty();
    }

    /// Else an operator could let themselves in.
    @Test
    void areLetInBySuperusersOnly() {
        String all = "{\"access\":[{\"group\":\"ops\",\"role\":\"owner\",\"clusterGroups\":[\"system:masters\"]}]}";
        logins.as("bob", "ops", "leads");
        assertThat(post("/v1/tenants/acme/access", token(), all).status()).isEqualTo(403);
        assertThat(admin.send(
                                admin.superuser(),
                                "PATCH /v1/tenants/acme HTTP/1.1",
                                all,
                                "Content-Type: application/json")
                        .status())
                .as("not as a change of the tenant either")
                .isEqualTo(400);
        access("acme", "[{\"group\":\"leads\",\"role\":\"owner\"}]");
        assertThat(post("/v1/tenants/acme/access", token(), all).status())
                .as("nor by its owners")
                .isEqualTo(403);
    }

    @Test
    void areNotLetInByRulesThatMakeNoSense() {
        for (String rules : List.of(
                "{}",
                "[{}]",
                "[1]",
                "[{\"group\":\"\"}]",
                "[{\"group\":\"a\",\"role\":\"superuser\"}]",
                "[{\"group\":\"a\",\"role\":\"OWNER\"}]",
                "[{\"group\":\"a\",\"groups\":[]}]",
                "[{\"group\":\"a\"},{\"group\":\"a\"}]",
                "[{\"group\":\"a\",\"clusterGroups\":[\"system:nodes\"]}]",
                "[{\"group\":\"a\",\"clusterGroups\":[\"insula:syncer\"]}]")) {
            assertThat(admin.post("/v1/tenants/acme/access", "{\"access\":" + rules + "}")
                            .status())
                    .as(rules)
                    .isIn(400, 422);
        }
        assertThat(admin.get("/v1/tenants/acme").json().at("/spec/access").isMissingNode())
                .isTrue();
    }

    @Test
    void learnWhereToLogIn() {
        Answer told = admin.get("/v1/login");
        assertThat(told.json().at("/issuer/url").asText()).isEqualTo(issuer.url());
        assertThat(told.json().at("/issuer/clientId").asText()).isEqualTo(CLIENT);
        assertThat(told.json().path("certificateAuthority").asText()).contains("BEGIN CERTIFICATE");
    }

    private void access(String tenant, String rules) {
        Answer answer = admin.post("/v1/tenants/" + tenant + "/access", "{\"access\":" + rules + "}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    private Answer login(String tenant) {
        return post("/v1/tenants/" + tenant + "/login", token(), "{}");
    }

    private Answer ask(Route route, String tenant, String token) {
        String target = route.template().replace("{name}", tenant);
        return route.body().isPresent()
                ? admin.send(
                        admin.nobody(),
                        route.method() + " " + target + " HTTP/1.1",
                        "{}",
                        "Content-Type: application/json",
                        "Authorization: Bearer " + token)
                : admin.send(
                        admin.nobody(),
                        route.method() + " " + target + " HTTP/1.1",
                        "",
                        "Authorization: Bearer " + token);
    }

    private Answer get(String target, String token) {
        return admin.send(admin.nobody(), "GET " + target + " HTTP/1.1", "", "Authorization: Bearer " + token);
    }

    private Answer post(String target, String token, String body) {
        return admin.send(
                admin.nobody(),
                "POST " + target + " HTTP/1.1",
                body,
                "Content-Type: application/json",
                "Authorization: Bearer " + token);
    }

    private ObjectNode eventBy(Answer answer) {
        String id = answer.header("Audit-Id");
        return admin.events().stream()
                .filter(event -> event.path("auditID").asText().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private String uid(String name) {
        return admin.get("/v1/tenants/" + name).json().at("/metadata/uid").asText();
    }

    private String token() {
        return logins.idToken(Map.of());
    }

    private static X509Certificate certificate(Answer answer) throws Exception {
        var config = Config.fromKubeconfig(answer.json().path("kubeconfig").asText());
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(
                        new ByteArrayInputStream(Base64.getDecoder().decode(config.getClientCertData())));
    }

    private static List<String> bearer(String token) {
        return List.of("Authorization: Bearer " + token);
    }

    private static ECKey key(String name) throws JOSEException {
        return new ECKeyGenerator(Curve.P_256).keyID(name).generate();
    }

    private static String signed(ECKey by, String claims) {
        return TestIssuer.sign(by, JWSAlgorithm.ES256, claims);
    }

    private String hmac(String claims) throws JOSEException {
        byte[] open = key.toPublicJWK().toECPublicKey().getEncoded();
        var token = new JWSObject(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(key.getKeyID()).build(), new Payload(claims));
        token.sign(new MACSigner(open));
        return token.serialize();
    }

    private static String changed(String token) {
        String[] parts = token.split("\\.", -1);
        return parts[0] + "." + encoded(payload(token).replace("mallory", "alice")) + "." + parts[2];
    }

    private static String payload(String token) {
        return new String(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]), StandardCharsets.UTF_8);
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
