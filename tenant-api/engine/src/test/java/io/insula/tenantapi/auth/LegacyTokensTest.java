package io.insula.tenantapi.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.fake.FakeObjectClient;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LegacyTokensTest {

    private static final GroupVersionResource SECRETS = FakeObjectClient.core("secrets");
    private static final GroupVersionResource ACCOUNTS = FakeObjectClient.core("serviceaccounts");
    private static final Instant NOW = Instant.parse("2026-11-21T23:59:00Z");
    private static final KeyPair OURS = TestKeys.make();
    private static final KeyPair OTHERS = TestKeys.make();

    private final FakeObjectClient store =
            new FakeObjectClient().with(ACCOUNTS, "metadata: {namespace: shop, name: cart, uid: sa-1}");
    private final JwtServiceAccountTokens tokens = tokens(OURS);
    private final String good = tokens.issueLegacy("shop", "cart", "sa-1", "cart-token");

    LegacyTokensTest() {
        keep(good);
    }

    @Test
    void takesTheTokenOfASecretAndNotesItsUseOnceADay() {
        UserInfo user = tokens.authenticate(good, List.of()).orElseThrow().user();

        assertThat(user.name()).isEqualTo("system:serviceaccount:shop:cart");
        assertThat(user.groups())
                .containsExactly("system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated");
        assertThat(Meta.labels(secret())).containsEntry("kubernetes.io/legacy-token-last-used", "2026-11-21");
        int writes = store.writes();
        tokens.authenticate(good, List.of());
        assertThat(store.writes()).isEqualTo(writes);
    }

    @Test
    void hasUpstreamsClaims() {
        ObjectNode claims = Json.parse(Base64.getUrlDecoder().decode(good.split("\\.", -1)[1]));

        assertThat(claims.path("iss").asText()).isEqualTo("kubernetes/serviceaccount");
        assertThat(claims.path("sub").asText()).isEqualTo("system:serviceaccount:shop:cart");
        assertThat(claims.path("kubernetes.io/serviceaccount/secret.name").asText())
                .isEqualTo("cart-token");
        assertThat(claims.has("exp")).isFalse();
        assertThat(claims.has("aud")).isFalse();
    }

    record Attack(String name, String why, BiFunction<LegacyTokensTest, String, String> forge) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Attack> attacks() {
        return Stream.of(
                new Attack(
                        "another tenant's key",
                        "invalid bearer token",
                        (test, good) -> test.tokens(OTHERS).issueLegacy("shop", "cart", "sa-1", "cart-token")),
                new Attack(
                        "of a Secret that nobody has",
                        "has been invalidated",
                        (test, good) -> test.tokens.issueLegacy("shop", "cart", "sa-1", "other")),
                new Attack("of a Secret that was deleted", "has been invalidated", (test, good) -> {
                    test.store.delete(SECRETS, "shop", "cart-token", Json.object());
                    return good;
                }),
                new Attack("of a Secret with another token", "does not match server's copy", (test, good) -> {
                    test.store.mergePatch(
                            SECRETS, "shop", "cart-token", "", FakeObjectClient.yaml("data: {token: bmV3}"));
                    return good;
                }),
                new Attack("of a Secret without token", "does not match server's copy", (test, good) -> {
                    test.store.mergePatch(
                            SECRETS, "shop", "cart-token", "", FakeObjectClient.yaml("data: {token: null}"));
                    return good;
                }),
                new Attack("of an account that was made anew", "does not match claim", (test, good) -> {
                    test.store.delete(ACCOUNTS, "shop", "cart", Json.object());
                    test.store.with(ACCOUNTS, "metadata: {namespace: shop, name: cart, uid: sa-2}");
                    return good;
                }),
                new Attack("of an account that is gone", "not found", (test, good) -> {
                    test.store.delete(ACCOUNTS, "shop", "cart", Json.object());
                    return good;
                }),
                new Attack("marked invalid", "has been marked invalid", (test, good) -> {
                    test.store.mergePatch(
                            SECRETS,
                            "shop",
                            "cart-token",
                            "",
                            FakeObjectClient.yaml(
                                    "metadata: {labels: {kubernetes.io/legacy-token-invalid-since: '2026-01-01'}}"));
                    return good;
                }),
                new Attack("for another subject", "sub claim is invalid", (test, good) -> {
                    ObjectNode claims = LegacyTokens.claims(
                                    new ServiceAccountName("shop", "cart"), "sa-1", "cart-token")
                            .put("sub", "system:serviceaccount:kube-system:admin");
                    String token = Es256.sign(
                            claims, (ECPrivateKey) OURS.getPrivate(), Es256.keyId((ECPublicKey) OURS.getPublic()));
                    test.keep(token);
                    return token;
                }));
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void takesNoOther(Attack attack) {
        String bad = attack.forge().apply(this, good);

        assertThatThrownBy(() -> tokens.authenticate(bad, List.of()))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.code()).isEqualTo(401))
                .hasMessageContaining(attack.why());
    }

    @Test
    void isNoTokenForOthers() {
        assertThatThrownBy(() -> tokens.authenticate(good, List.of("vault"))).hasMessageContaining("target audiences");
    }

    private void keep(String token) {
        if (store.get(SECRETS, "shop", "cart-token").isPresent()) {
            store.delete(SECRETS, "shop", "cart-token", Json.object());
        }
        String encoded = Base64.getEncoder().encodeToString(token.getBytes(StandardCharsets.UTF_8));
        store.with(
                SECRETS, "{metadata: {namespace: shop, name: cart-token, uid: s-1}, data: {token: " + encoded + "}}");
    }

    private ObjectNode secret() {
        return store.get(SECRETS, "shop", "cart-token").orElseThrow();
    }

    private JwtServiceAccountTokens tokens(KeyPair keys) {
        return new JwtServiceAccountTokens(
                () -> new ServiceAccountKeys(
                        (ECPrivateKey) keys.getPrivate(), (ECPublicKey) keys.getPublic(), List.of()),
                "https://kubernetes.default.svc",
                List.of(),
                () -> store,
                () -> NOW);
    }
}
