package io.insula.tenantapi.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.fake.FakeObjectClient;
import java.security.KeyPair;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// A token that was found good a moment ago is no better than it was: whatever may have changed is asked again.
class VerifiedTokensTest {

    private static final KeyPair OURS = TestKeys.make();
    private static final KeyPair OTHERS = TestKeys.make();
    private static final Map<String, String> POD = Map.of("kind", "Pod", "name", "web", "uid", "pod-1");

    private final FakeObjectClient store = new FakeObjectClient()
            .with(FakeObjectClient.core("serviceaccounts"), "metadata: {namespace: shop, name: cart, uid: sa-1}")
            .with(FakeObjectClient.core("pods"), "metadata: {namespace: shop, name: web, uid: pod-1}");
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-21T06:00:00Z"));
    private final JwtServiceAccountTokens tokens = new JwtServiceAccountTokens(
            () -> new ServiceAccountKeys((ECPrivateKey) OURS.getPrivate(), (ECPublicKey) OURS.getPublic(), List.of()),
            "https://issuer",
            List.of(),
            () -> store,
            now::get);
    private final String good =
            tokens.issue("shop", "cart", "sa-1", List.of(), 600, POD).token();

    @Test
    void refusesAKnownTokenAtOnceWhenItsPodIsGone() {
        take(good);
        store.delete(FakeObjectClient.core("pods"), "shop", "web", Json.object());

        refuses(good, "invalidated");
    }

    @Test
    void refusesAKnownTokenAtOnceWhenItsAccountIsGone() {
        take(good);
        store.delete(FakeObjectClient.core("serviceaccounts"), "shop", "cart", Json.object());

        refuses(good, "invalidated");
    }

    @Test
    void refusesAKnownTokenWhenItsTimeIsOver() {
        now.set(now.get().plusSeconds(655));
        take(good);
        now.set(now.get().plusSeconds(6));

        refuses(good, "expired");
    }

    @Test
    void refusesAKnownTokenForAnotherAudience() {
        take(good);

        assertThatThrownBy(() -> tokens.verify(good, List.of("vault"))).hasMessageContaining("audiences");
    }

    @Test
    void refusesWhatIsNearlyAKnownToken() {
        take(good);
        String[] parts = good.split("\\.", -1);
        String[] other = tokens.issue("shop", "cart", "sa-1", List.of(), 601, POD)
                .token()
                .split("\\.", -1);

        refuses(parts[0] + "." + other[1] + "." + parts[2], "invalid bearer token");
        refuses(parts[0] + "." + parts[1] + "." + other[2], "invalid bearer token");
        refuses(good + "A", "invalid bearer token");
        refuses(good.substring(0, good.length() - 2), "invalid bearer token");
    }

    @Test
    void knowsNoTokenThatSomebodyElseSigned() {
        var verified = new VerifiedTokens(() -> List.of((ECPublicKey) OURS.getPublic()), now::get);
        String forged = sign(Json.object().put("sub", "me"), OTHERS);

        assertThat(verified.claims(forged)).isEmpty();
        assertThat(verified.claims(forged)).isEmpty();
        assertThat(verified.size()).isZero();
    }

    /// It was known a moment ago, and nothing about it has changed.
    @Test
    void refusesAKnownTokenAtOnceWhenItsKeyIsDropped() {
        var keys = new AtomicReference<>(List.of((ECPublicKey) OTHERS.getPublic(), (ECPublicKey) OURS.getPublic()));
        var verified = new VerifiedTokens(keys::get, now::get);
        String token = sign(Json.object().put("sub", "me"), OURS);
        assertThat(verified.claims(token)).isPresent();

        keys.set(List.of((ECPublicKey) OTHERS.getPublic()));

        assertThat(verified.claims(token)).isEmpty();
    }

    @Test
    void knowsATokenForTenSecondsAndNoMoreThanSome() {
        var verified = new VerifiedTokens(() -> List.of((ECPublicKey) OURS.getPublic()), now::get);
        for (int i = 0; i < 600; i++) {
            assertThat(verified.claims(sign(Json.object().put("jti", i), OURS))).isPresent();
        }
        assertThat(verified.size()).isEqualTo(512);

        now.set(now.get().plus(Duration.ofSeconds(10)));
        assertThat(verified.claims(sign(Json.object().put("jti", "later"), OURS)))
                .isPresent();
        assertThat(verified.size()).isOne();
    }

    private void take(String token) {
        assertThat(tokens.verify(token, List.of()).user().name()).isEqualTo("system:serviceaccount:shop:cart");
    }

    private void refuses(String token, String why) {
        assertThatThrownBy(() -> tokens.verify(token, List.of())).hasMessageContaining(why);
    }

    private static String sign(ObjectNode claims, KeyPair by) {
        return Es256.sign(claims, (ECPrivateKey) by.getPrivate(), Es256.keyId((ECPublicKey) OURS.getPublic()));
    }
}
