package io.insula.syncer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.insula.syncer.engine.Change.TokenWish;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TokenRequestsTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Pod POD = new PodBuilder()
            .withNewMetadata()
            .withName("web")
            .withNamespace("shop")
            .withUid("u1")
            .endMetadata()
            .withNewSpec()
            .withServiceAccountName("builder")
            .endSpec()
            .build();

    @Test
    void bindsATokenToThePod() {
        var spec = TokenRequests.body(POD, new TokenWish("k", "vault", 900)).path("spec");

        assertThat(TokenRequests.path(POD)).isEqualTo("/api/v1/namespaces/shop/serviceaccounts/builder/token");
        assertThat(spec.at("/boundObjectRef/uid").asText()).isEqualTo("u1");
        assertThat(spec.at("/boundObjectRef/kind").asText()).isEqualTo("Pod");
        assertThat(spec.path("audiences")).hasSize(1);
        assertThat(spec.path("expirationSeconds").asLong()).isEqualTo(900);
        assertThat(TokenRequests.body(POD, new TokenWish("k", "", 900)).at("/spec/audiences"))
                .as("the server's own")
                .isEmpty();
    }

    @Test
    void renewsAfterFourFifthsOfTheLifetimeAndAtTheLatestAfterADay() {
        assertThat(renewal(Duration.ofMinutes(10))).isEqualTo(Duration.ofMinutes(8));
        assertThat(renewal(Duration.ofDays(365))).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void keepsNoSecretWithoutAToken() {
        var wish = new TokenWish("k", "", 600);

        assertThatThrownBy(() -> TokenRequests.add(Trees.object(), wish, Trees.object(), NOW))
                .isInstanceOf(Api.ApiFailure.class);
    }

    private static Duration renewal(Duration life) {
        var answer = Trees.object();
        answer.putObject("status")
                .put("token", "t")
                .put("expirationTimestamp", NOW.plus(life).toString());
        var secret = Trees.object();
        var renewal = TokenRequests.add(secret, new TokenWish("k", "", 600), answer, NOW);
        assertThat(secret.at("/data/k").asText()).isEqualTo("dA==");
        return Duration.between(NOW, renewal);
    }
}
