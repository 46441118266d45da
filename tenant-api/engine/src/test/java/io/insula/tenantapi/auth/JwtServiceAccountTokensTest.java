package io.insula.tenantapi.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.fake.FakeObjectClient;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JwtServiceAccountTokensTest {

    private static final String ISSUER = "https://kubernetes.default.svc.cluster.local";
    private static final Instant NOW = Instant.parse("2026-11-21T06:00:00Z");
    private static final KeyPair OURS = TestKeys.make();
    private static final KeyPair OTHERS = TestKeys.make();
    private static final Map<String, String> POD = Map.of("kind", "Pod", "name", "web", "uid", "pod-1");

    private final FakeObjectClient store = new FakeObjectClient()
            .with(FakeObjectClient.core("serviceaccounts"), "metadata: {namespace: shop, name: cart, uid: sa-1}")
            .with(
                    FakeObjectClient.core("pods"),
                    "{metadata: {namespace: shop, name: web, uid: pod-1}, spec: {nodeName: n1}}")
            .with(FakeObjectClient.core("nodes"), "metadata: {name: n1, uid: node-1}");
    private final JwtServiceAccountTokens tokens = tokens(OURS, store, NOW);

    @Test
    void takesItsOwnTokenAndNamesTheServiceAccountItsGroupsAndItsPod() {
        var verified = tokens.verify(issue(3600, POD), List.of());

        assertThat(verified.audiences()).containsExactly(ISSUER);
        assertThat(verified.user().name()).isEqualTo("system:serviceaccount:shop:cart");
        assertThat(verified.user().uid()).isEqualTo("sa-1");
        assertThat(verified.user().groups())
                .containsExactly("system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated");
        assertThat(verified.user().extra())
                .containsEntry("authentication.kubernetes.io/pod-name", List.of("web"))
                .containsEntry("authentication.kubernetes.io/pod-uid", List.of("pod-1"))
                .containsEntry("authentication.kubernetes.io/node-name", List.of("n1"))
                .containsEntry("authentication.kubernetes.io/node-uid", List.of("node-1"))
                .containsKey("authentication.kubernetes.io/credential-id");
    }

    /// As the syncer asks for one: before the pod is anywhere.
    @Test
    void namesTheNodeThatAPodWasGivenAfterItsToken() {
        var before = new FakeObjectClient()
                .with(FakeObjectClient.core("serviceaccounts"), "metadata: {namespace: shop, name: cart, uid: sa-1}")
                .with(FakeObjectClient.core("pods"), "metadata: {namespace: shop, name: web, uid: pod-1}");
        String token = tokens(OURS, before, NOW)
                .issue("shop", "cart", "sa-1", List.of(), 3600, POD)
                .token();
        assertThat(claims(token).path("kubernetes.io").has("node")).isFalse();
        assertThat(tokens(OURS, before, NOW).verify(token, List.of()).user().extra())
                .doesNotContainKey("authentication.kubernetes.io/node-name");

        assertThat(tokens.verify(token, List.of()).user().extra())
                .containsEntry("authentication.kubernetes.io/pod-name", List.of("web"))
                .containsEntry("authentication.kubernetes.io/node-name", List.of("n1"))
                .containsEntry("authentication.kubernetes.io/node-uid", List.of("node-1"));
    }

    @Test
    void carriesUpstreamsClaims() {
        ObjectNode claims = claims(issue(3600, POD));

        assertThat(claims.path("sub").asText()).isEqualTo("system:serviceaccount:shop:cart");
        assertThat(claims.path("exp").asLong() - claims.path("iat").asLong()).isEqualTo(3600);
        assertThat(claims.path("kubernetes.io").toString())
                .isEqualTo("{\"namespace\":\"shop\",\"node\":{\"name\":\"n1\",\"uid\":\"node-1\"},"
                        + "\"pod\":{\"name\":\"web\",\"uid\":\"pod-1\"},"
                        + "\"serviceaccount\":{\"name\":\"cart\",\"uid\":\"sa-1\"}}");
    }

    @Test
    void extendsTheKubeletsExpirationForTheServersOwnAudienceOnly() {
        ObjectNode own = claims(issue(3607, POD));
        ObjectNode vault = claims(tokens.issue("shop", "cart", "sa-1", List.of("vault"), 3607, POD)
                .token());

        assertThat(own.path("exp").asLong() - own.path("iat").asLong()).isEqualTo(365 * 24 * 3600);
        assertThat(own.path("kubernetes.io").path("warnafter").asLong())
                .isEqualTo(own.path("iat").asLong() + 3607);
        assertThat(vault.path("exp").asLong() - vault.path("iat").asLong()).isEqualTo(3607);
    }

    @Test
    void keepsTakingTokensOfARotatedKeyWhileItIsTrusted() {
        String old = tokens(OTHERS, store, NOW)
                .issue("shop", "cart", "sa-1", List.of(), 3600, Map.of())
                .token();
        var rotated = new JwtServiceAccountTokens(
                () -> new ServiceAccountKeys(
                        (ECPrivateKey) OURS.getPrivate(), (ECPublicKey) OURS.getPublic(), List.of((ECPublicKey)
                                OTHERS.getPublic())),
                ISSUER,
                List.of(),
                () -> store,
                () -> NOW);

        assertThat(rotated.verify(old, List.of()).user().name()).isEqualTo("system:serviceaccount:shop:cart");
        assertThat(rotated.keySet().path("keys")).hasSize(2);
    }

    record Attack(String name, BiFunction<JwtServiceAccountTokensTest, String, String> forge) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Attack> attacks() {
        return Stream.of(
                new Attack(
                        "signed with another tenant's key",
                        (test, good) -> tokens(OTHERS, test.store, NOW)
                                .issue("shop", "cart", "sa-1", List.of(), 3600, POD)
                                .token()),
                new Attack(
                        "another tenant's key under this tenant's kid",
                        (test, good) ->
                                Es256.sign(claims(good), (ECPrivateKey) OTHERS.getPrivate(), Es256.keyId((ECPublicKey)
                                        OURS.getPublic()))),
                new Attack(
                        "no kid and another key",
                        (test, good) -> Es256.sign(claims(good), (ECPrivateKey) OTHERS.getPrivate(), "")),
                new Attack("algorithm none", (test, good) -> encode("{\"alg\":\"none\"}") + "." + part(good, 1) + "."),
                new Attack(
                        "algorithm none, signature kept",
                        (test, good) -> encode("{\"alg\":\"none\"}") + "." + part(good, 1) + "." + part(good, 2)),
                new Attack("public key as HMAC secret", (test, good) -> hmac(good)),
                new Attack(
                        "all-zero signature",
                        (test, good) -> part(good, 0) + "." + part(good, 1) + "." + encode("\0".repeat(64))),
                new Attack(
                        "claims exchanged",
                        (test, good) -> part(good, 0) + "."
                                + encode(claims(good)
                                        .put("sub", "system:serviceaccount:kube-system:admin")
                                        .toString())
                                + "." + part(good, 2)),
                new Attack("two parts", (test, good) -> part(good, 0) + "." + part(good, 1)),
                new Attack("four parts", (test, good) -> good + ".x"),
                new Attack("not Base64", (test, good) -> "a!.b!.c!"),
                new Attack("one word", (test, good) -> "x"),
                new Attack("wrong issuer", (test, good) -> resign(claims(good).put("iss", "https://elsewhere"))),
                new Attack(
                        "subject is not the account of the private claims",
                        (test, good) -> resign(claims(good).put("sub", "system:serviceaccount:kube-system:admin"))),
                new Attack("expired", (test, good) -> resign(claims(good).put("exp", NOW.getEpochSecond() - 61))),
                new Attack("no expiry", (test, good) -> resign(without(claims(good), "exp"))),
                new Attack("not yet valid", (test, good) -> resign(claims(good).put("nbf", NOW.getEpochSecond() + 61))),
                new Attack(
                        "for another audience",
                        (test, good) -> test.tokens
                                .issue("shop", "cart", "sa-1", List.of("vault"), 3600, POD)
                                .token()),
                new Attack("no private claims", (test, good) -> resign(without(claims(good), "kubernetes.io"))),
                new Attack("deleted service account", (test, good) -> {
                    test.store.delete(FakeObjectClient.core("serviceaccounts"), "shop", "cart", Json.object());
                    return good;
                }),
                new Attack("service account created again", (test, good) -> {
                    test.store.delete(FakeObjectClient.core("serviceaccounts"), "shop", "cart", Json.object());
                    test.store.with(
                            FakeObjectClient.core("serviceaccounts"),
                            "metadata: {namespace: shop, name: cart, uid: sa-2}");
                    return good;
                }),
                new Attack("deleted pod", (test, good) -> {
                    test.store.delete(FakeObjectClient.core("pods"), "shop", "web", Json.object());
                    return good;
                }),
                new Attack("pod past its deletion", (test, good) -> {
                    test.store.mergePatch(
                            FakeObjectClient.core("pods"),
                            "shop",
                            "web",
                            "",
                            FakeObjectClient.yaml("metadata: {deletionTimestamp: '2026-11-21T05:58:00Z'}"));
                    return good;
                }));
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void refusesForgedStaleAndForeignTokens(Attack attack) {
        String good = issue(3600, POD);
        tokens.verify(good, List.of());
        String bad = attack.forge().apply(this, good);

        assertThatThrownBy(() -> tokens.verify(bad, List.of()))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.code()).isEqualTo(401));
        assertThatThrownBy(() -> new BearerTokenAuthenticator(tokens).authenticate(bearer(bad)))
                .hasMessage("Unauthorized");
    }

    /// The account and the pod were made through another server a moment ago.
    @Test
    void takesATokenOfWhatIsNotAtHandYet() {
        store.remembering(new FakeObjectClient());

        assertThat(tokens.verify(issue(3600, POD), List.of()).user().uid()).isEqualTo("sa-1");
    }

    @Test
    void ignoresRequestsWithoutBearerToken() {
        var request = new Credentials("/api", Map.of(), List.of(), List.of());

        assertThat(new BearerTokenAuthenticator(tokens).authenticate(request)).isEmpty();
    }

    private String issue(long seconds, Map<String, String> boundTo) {
        return tokens.issue("shop", "cart", "sa-1", List.of(), seconds, boundTo).token();
    }

    private static JwtServiceAccountTokens tokens(KeyPair keys, FakeObjectClient store, Instant now) {
        InstantSource clock = () -> now;
        return new JwtServiceAccountTokens(
                () -> new ServiceAccountKeys(
                        (ECPrivateKey) keys.getPrivate(), (ECPublicKey) keys.getPublic(), List.of()),
                ISSUER,
                List.of(),
                () -> store,
                clock);
    }

    private static String resign(ObjectNode claims) {
        return Es256.sign(claims, (ECPrivateKey) OURS.getPrivate(), Es256.keyId((ECPublicKey) OURS.getPublic()));
    }

    private static ObjectNode without(ObjectNode claims, String field) {
        claims.remove(field);
        return claims;
    }

    private static ObjectNode claims(String token) {
        return Json.parse(Base64.getUrlDecoder().decode(part(token, 1)));
    }

    private static String part(String token, int index) {
        return token.split("\\.", -1)[index];
    }

    private static String encode(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String hmac(String good) {
        try {
            String signed = encode("{\"alg\":\"HS256\"}") + "." + part(good, 1);
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(OURS.getPublic().getEncoded(), "HmacSHA256"));
            return signed + "."
                    + Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Credentials bearer(String token) {
        return new Credentials("/api", Map.of("authorization", List.of("Bearer " + token)), List.of(), List.of());
    }
}
