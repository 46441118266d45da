package io.insula.tenantapi.auth.structured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.insula.rules.network.AddressBlock;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.egress.Egress;
import io.insula.tenantapi.egress.EgressPolicy;
import io.insula.tenantapi.fake.FakeObjectClient;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StructuredAuthenticationTest {

    private static final RSAKey RSA = rsa("rsa");
    private static final RSAKey OTHER = rsa("other");
    private static final ECKey P256 = ec(Curve.P_256, "p256");
    private static final ECKey P384 = ec(Curve.P_384, "p384");
    private static final ECKey P521 = ec(Curve.P_521, "p521");
    private static final Instant NOW = Instant.parse("2026-11-21T06:00:00Z");
    private static final Egress EGRESS =
            new Egress(EgressPolicy.CLOSED.opening(List.of(AddressBlock.of("127.0.0.0/8"))), List.of());
    private static final TestIssuer ISSUER = new TestIssuer(RSA, P256, P384, P521);

    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    private final AtomicReference<AuthenticationConfig> config =
            new AtomicReference<>(config(ISSUER, "{username: {claim: sub, prefix: 'oidc:'}}", ""));
    private final StructuredAuthentication authentication = new StructuredAuthentication(config::get, EGRESS, now::get);

    @AfterAll
    static void stop() {
        ISSUER.close();
        EGRESS.close();
    }

    static Stream<JWSAlgorithm> algorithms() {
        return Stream.of(
                JWSAlgorithm.RS256,
                JWSAlgorithm.RS384,
                JWSAlgorithm.RS512,
                JWSAlgorithm.PS256,
                JWSAlgorithm.PS384,
                JWSAlgorithm.PS512,
                JWSAlgorithm.ES256,
                JWSAlgorithm.ES384,
                JWSAlgorithm.ES512);
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void takesTokensOfEveryAlgorithmWithPublicKeys(JWSAlgorithm algorithm) {
        var key = switch (algorithm.getName()) {
            case "ES256" -> P256;
            case "ES384" -> P384;
            case "ES512" -> P521;
            default -> RSA;
        };

        assertThat(user(TestIssuer.sign(key, algorithm, claims().toString())).name())
                .isEqualTo("oidc:jane");
    }

    @Test
    void mapsClaimsByExpressions() {
        config.set(config(ISSUER, """
                {username: {expression: "claims.preferred.name + '@' + claims.realm"},
                 groups: {expression: 'claims.roles.split(",")'},
                 uid: {claim: oid},
                 extra: [{key: example.org/level, valueExpression: 'string(claims.level)'},
                         {key: example.org/none, valueExpression: '""'}]}""", ""));
        ObjectNode claims = claims().put("realm", "acme")
                .put("roles", "dev,ops,")
                .put("oid", "7")
                .put("level", 3);
        claims.putObject("preferred").put("name", "jane");
        claims.put("jti", "id-1");

        assertThat(user(good(claims)))
                .isEqualTo(new UserInfo(
                        "jane@acme",
                        "7",
                        List.of("dev", "ops"),
                        Map.of(
                                "example.org/level",
                                List.of("3"),
                                "authentication.kubernetes.io/credential-id",
                                List.of("JTI=id-1"))));
    }

    @Test
    void prefixesNamesAndGroupsSoThatATokenCannotBecomeTheServersOwn() {
        config.set(config(
                ISSUER, "{username: {claim: sub, prefix: 'oidc:'}, groups: {claim: groups, prefix: 'oidc:'}}", ""));
        ObjectNode claims = claims().put("sub", "system:admin");
        claims.putArray("groups").add("system:masters");

        UserInfo user = user(good(claims));

        assertThat(user.name()).isEqualTo("oidc:system:admin");
        assertThat(user.groups()).containsExactly("oidc:system:masters");
        claims.put("groups", "system:masters");
        assertThat(user(good(claims)).groups()).containsExactly("oidc:system:masters");
    }

    record Attack(String name, String why, BiFunction<StructuredAuthenticationTest, ObjectNode, String> forge) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Attack> attacks() {
        return Stream.of(
                new Attack(
                        "algorithm none",
                        "malformed|unsupported",
                        (test, claims) -> encode("{\"alg\":\"none\"}") + "." + encode(claims.toString()) + "."),
                new Attack(
                        "algorithm none in capitals, with a signature",
                        "malformed|unsupported",
                        (test, claims) -> encode("{\"alg\":\"NONE\"}") + "." + encode(claims.toString()) + ".AAAA"),
                new Attack("public key as HMAC secret", "unsupported algorithm", (test, claims) -> hmac(claims)),
                new Attack(
                        "another's key",
                        "failed to verify",
                        (test, claims) -> TestIssuer.sign(OTHER, JWSAlgorithm.RS256, claims.toString())),
                new Attack(
                        "another's key under our kid",
                        "failed to verify",
                        (test, claims) -> TestIssuer.sign(
                                OTHER,
                                TestIssuer.header(JWSAlgorithm.RS256)
                                        .keyID("rsa")
                                        .build(),
                                claims.toString())),
                new Attack(
                        "another's key without kid",
                        "failed to verify",
                        (test, claims) -> TestIssuer.sign(
                                OTHER, TestIssuer.header(JWSAlgorithm.RS256).build(), claims.toString())),
                new Attack(
                        "another's key, shown in the header",
                        "failed to verify",
                        (test, claims) -> TestIssuer.sign(
                                OTHER,
                                TestIssuer.header(JWSAlgorithm.RS256)
                                        .jwk(OTHER.toPublicJWK())
                                        .build(),
                                claims.toString())),
                new Attack("a good key for another algorithm", "failed to verify", (test, claims) -> {
                    String good = TestIssuer.sign(P256, JWSAlgorithm.ES256, claims.toString());
                    return encode("{\"alg\":\"RS256\",\"kid\":\"p256\"}") + good.substring(good.indexOf('.'));
                }),
                new Attack("claims exchanged", "failed to verify", (test, claims) -> {
                    String good = good(claims);
                    return good.substring(0, good.indexOf('.') + 1)
                            + encode(claims.put("sub", "root").toString())
                            + good.substring(good.lastIndexOf('.'));
                }),
                new Attack(
                        "all-zero signature",
                        "failed to verify",
                        (test, claims) -> encode("{\"alg\":\"ES256\",\"kid\":\"p256\"}") + "."
                                + encode(claims.toString()) + "." + encode("\0".repeat(64))),
                new Attack(
                        "a critical header that nobody knows",
                        "failed to verify",
                        (test, claims) -> TestIssuer.sign(
                                RSA,
                                TestIssuer.header(JWSAlgorithm.RS256)
                                        .keyID("rsa")
                                        .criticalParams(java.util.Set.of("exp-override"))
                                        .customParam("exp-override", true)
                                        .build(),
                                claims.toString())),
                new Attack(
                        "for another audience",
                        "expected audience \"insula\" got \\[\"vault\"\\]",
                        (test, claims) -> good(audience(claims, "vault"))),
                new Attack(
                        "no audience",
                        "expected audience \"insula\" got \\[\\]",
                        (test, claims) -> good(without(claims, "aud"))),
                new Attack(
                        "expired",
                        "token is expired",
                        (test, claims) -> good(claims.put("exp", NOW.getEpochSecond() - 1))),
                new Attack("never expires", "token is expired", (test, claims) -> good(without(claims, "exp"))),
                new Attack(
                        "expiry is a text",
                        "failed to unmarshal claims",
                        (test, claims) -> good(claims.put("exp", "9999999999"))),
                new Attack(
                        "not yet valid",
                        "before the nbf",
                        (test, claims) -> good(claims.put("nbf", NOW.getEpochSecond() + 61))),
                new Attack("no name", "claim not present", (test, claims) -> good(without(claims, "sub"))),
                new Attack("an empty name", "claim is empty", (test, claims) -> good(claims.put("sub", ""))),
                new Attack("a name that is a list", "cannot unmarshal", (test, claims) -> {
                    claims.putArray("sub").add("jane");
                    return good(claims);
                }));
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void refusesForgedStaleAndForeignTokens(Attack attack) {
        assertThat(user(good(claims())).name()).isEqualTo("oidc:jane");
        String bad = attack.forge().apply(this, claims());

        // whatever cannot even be read is nobody's token: the answer is 401 just the same
        if (TokenVerifier.claimedIssuer(bad).isEmpty()) {
            assertThat(attack.why()).startsWith("malformed");
            assertThat(authentication.authenticate(bad)).isEmpty();
            return;
        }
        assertThatThrownBy(() -> authentication.authenticate(bad))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.code()).isEqualTo(401))
                .message()
                .containsPattern(attack.why());
    }

    @Test
    void leavesTokensOfUnknownIssuersToOthers() {
        assertThat(authentication.authenticate(good(claims().put("iss", "https://elsewhere"))))
                .isEmpty();
        assertThat(authentication.authenticate("a.b.c")).isEmpty();
        assertThat(authentication.authenticate("abcdef.0123456789abcdef")).isEmpty();
        assertThat(authentication.authenticate("")).isEmpty();
    }

    @Test
    void findsNewKeysButDoesNotAskForThemWithEveryBadToken() {
        try (var issuer = new TestIssuer(RSA)) {
            config.set(config(issuer, "{username: {claim: sub, prefix: ''}}", ""));
            ObjectNode claims = claims().put("iss", issuer.url());
            user(TestIssuer.sign(RSA, JWSAlgorithm.RS256, claims.toString()));
            String later = TestIssuer.sign(OTHER, JWSAlgorithm.RS256, claims.toString());
            for (int i = 0; i < 20; i++) {
                assertThatThrownBy(() -> authentication.authenticate(later)).hasMessageContaining("failed to verify");
            }
            assertThat(issuer.keyRequests()).isEqualTo(1);

            issuer.publish(OTHER);
            now.set(NOW.plusSeconds(11));

            assertThat(user(later).name()).isEqualTo("jane");
            assertThat(issuer.keyRequests()).isEqualTo(2);
        }
    }

    @Test
    void forgetsKeysThatTheIssuerWithdrew() {
        try (var issuer = new TestIssuer(RSA)) {
            config.set(config(issuer, "{username: {claim: sub, prefix: ''}}", ""));
            String token = TestIssuer.sign(
                    RSA, JWSAlgorithm.RS256, claims().put("iss", issuer.url()).toString());
            user(token);
            issuer.publish(OTHER);

            now.set(NOW.plus(Duration.ofMinutes(61)));

            assertThatThrownBy(() -> authentication.authenticate(token)).hasMessageContaining("failed to verify");
        }
    }

    @Test
    void keepsWorkingWhileTheIssuerIsAwayAndRecoversWhenItWasAtFirst() {
        try (var issuer = new TestIssuer(RSA)) {
            config.set(config(issuer, "{username: {claim: sub, prefix: ''}}", ""));
            String token = TestIssuer.sign(
                    RSA, JWSAlgorithm.RS256, claims().put("iss", issuer.url()).toString());
            issuer.broken(true);
            assertThatThrownBy(() -> authentication.authenticate(token)).hasMessageContaining("fetching keys");

            issuer.broken(false);
            now.set(NOW.plusSeconds(11));
            user(token);
            issuer.broken(true);
            now.set(NOW.plus(Duration.ofMinutes(90)));

            assertThat(user(token).name()).isEqualTo("jane");
        }
    }

    @Test
    void believesOnlyAnIssuerWithTheGivenAuthorityThatSaysWhoItIs() {
        try (var issuer = new TestIssuer(RSA)) {
            String token = TestIssuer.sign(
                    RSA, JWSAlgorithm.RS256, claims().put("iss", issuer.url()).toString());
            config.set(config(issuer.url(), ISSUER.certificateAuthority(), "{username: {claim: sub, prefix: ''}}", ""));
            assertThatThrownBy(() -> authentication.authenticate(token)).hasMessageContaining("fetching keys");

            issuer.claim("https://elsewhere");
            config.set(config(issuer, "{username: {claim: sub, prefix: ''}}", ""));
            assertThatThrownBy(() -> authentication.authenticate(token))
                    .hasMessageContaining("issuer did not match the issuer returned by provider");
        }
    }

    @Test
    void findsTheDocumentElsewhereWhereToldSo() {
        config.set(AuthenticationConfig.of(
                FakeObjectClient.yaml(text(
                                "https://issuer.example",
                                ISSUER.certificateAuthority(),
                                "{username: {claim: sub, prefix: ''}}",
                                "")
                        .replace(
                                "audiences:",
                                "discoveryURL: '" + ISSUER.url() + "/.well-known/openid-configuration', audiences:")),
                List.of()));
        ISSUER.claim("https://issuer.example");
        try {
            assertThat(user(good(claims().put("iss", "https://issuer.example"))).name())
                    .isEqualTo("jane");
        } finally {
            ISSUER.claim(ISSUER.url());
        }
    }

    record Refusal(String name, String rules, ObjectNode claims, String message) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Refusal> refusals() {
        return Stream.of(
                new Refusal(
                        "required claim missing",
                        "claimValidationRules: [{claim: hd, requiredValue: acme}]",
                        claims(),
                        "oidc: required claim hd not present in ID token"),
                new Refusal(
                        "required claim differs",
                        "claimValidationRules: [{claim: hd, requiredValue: acme}]",
                        claims().put("hd", "evil"),
                        "oidc: required claim hd value does not match. Got = evil, want = acme"),
                new Refusal(
                        "token lives too long",
                        "claimValidationRules: [{expression: 'claims.exp - claims.iat <= 86400', message: too long}]",
                        claims().put("exp", NOW.getEpochSecond() + 90_000),
                        "validation expression 'claims.exp - claims.iat <= 86400' failed: too long"),
                new Refusal(
                        "claim of an expression missing",
                        "claimValidationRules: [{expression: 'claims.hd == \"acme\"'}]",
                        claims(),
                        "resulted in error: no such key: hd"),
                new Refusal(
                        "reserved name",
                        "userValidationRules: [{expression: \"!user.username.startsWith('system:')\","
                                + " message: 'username cannot used reserved system: prefix'}]",
                        claims().put("sub", "system:admin"),
                        "failed: username cannot used reserved system: prefix"),
                new Refusal(
                        "reserved group",
                        "userValidationRules: [{expression: \"user.groups.all(g, !g.startsWith('system:'))\"}]",
                        groups(claims(), "system:masters"),
                        "user info validation rule"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void appliesTheRulesOfTheIssuer(Refusal refusal) {
        config.set(config(
                ISSUER,
                "{username: {claim: sub, prefix: ''}, groups: {claim: groups, prefix: ''}}",
                refusal.rules() + ","));

        assertThatThrownBy(() -> authentication.authenticate(good(refusal.claims())))
                .hasMessageContaining(refusal.message());
    }

    @Test
    void doesNotTakeAnAddressThatNobodyVerified() {
        config.set(config(ISSUER, "{username: {claim: email, prefix: ''}}", ""));

        assertThat(user(good(claims().put("email", "j@x").put("email_verified", true)))
                        .name())
                .isEqualTo("j@x");
        assertThatThrownBy(() -> authentication.authenticate(
                        good(claims().put("email", "j@x").put("email_verified", false))))
                .hasMessage("oidc: email not verified");
    }

    @Test
    void changesWithItsConfiguration() {
        assertThat(authentication.authenticate(good(claims()))).isPresent();
        assertThat(authentication.allowsAnonymous("/readyz")).isTrue();
        assertThat(authentication.allowsAnonymous("/api/v1/secrets")).isFalse();

        config.set(AuthenticationConfig.of(
                FakeObjectClient.yaml("anonymous: {enabled: true, conditions: [{path: /livez}]}"), List.of()));

        assertThat(authentication.authenticate(good(claims()))).isEmpty();
        assertThat(authentication.allowsAnonymous("/livez")).isTrue();
        assertThat(authentication.allowsAnonymous("/readyz")).isFalse();
        config.set(AuthenticationConfig.of(FakeObjectClient.yaml("anonymous: {enabled: false}"), List.of()));
        assertThat(authentication.allowsAnonymous("/livez")).isFalse();
    }

    private UserInfo user(String token) {
        return authentication.authenticate(token).orElseThrow();
    }

    private static AuthenticationConfig config(TestIssuer issuer, String mappings, String rules) {
        return config(issuer.url(), issuer.certificateAuthority(), mappings, rules);
    }

    private static AuthenticationConfig config(String url, String authority, String mappings, String rules) {
        return AuthenticationConfig.of(FakeObjectClient.yaml(text(url, authority, mappings, rules)), List.of());
    }

    private static String text(String url, String authority, String mappings, String rules) {
        return "{apiVersion: apiserver.config.k8s.io/v1, kind: AuthenticationConfiguration, jwt: [{issuer: {url: '"
                + url + "', certificateAuthority: \""
                + authority.replace("\r", "").replace("\n", "\\n")
                + "\", audiences: [insula]}, " + rules + " claimMappings: " + mappings + "}]}";
    }

    private static ObjectNode claims() {
        ObjectNode claims = Json.object().put("iss", ISSUER.url()).put("sub", "jane");
        return audience(claims, "insula").put("iat", NOW.getEpochSecond()).put("exp", NOW.getEpochSecond() + 7200);
    }

    private static ObjectNode audience(ObjectNode claims, String audience) {
        claims.putArray("aud").add(audience);
        return claims;
    }

    private static ObjectNode groups(ObjectNode claims, String group) {
        claims.putArray("groups").add(group);
        return claims;
    }

    private static ObjectNode without(ObjectNode claims, String field) {
        claims.remove(field);
        return claims;
    }

    private static String good(ObjectNode claims) {
        return TestIssuer.sign(RSA, JWSAlgorithm.RS256, claims.toString());
    }

    private static String encode(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String hmac(ObjectNode claims) {
        try {
            String signed = encode("{\"alg\":\"HS256\",\"kid\":\"rsa\"}") + "." + encode(claims.toString());
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(RSA.toRSAPublicKey().getEncoded(), "HmacSHA256"));
            byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));
            return signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
        } catch (GeneralSecurityException | JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static RSAKey rsa(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static ECKey ec(Curve curve, String id) {
        try {
            return new ECKeyGenerator(curve).keyID(id).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }
}
