package io.insula.syncer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class IssuedTokensTest {

    private static final SyncKey KEY =
            new SyncKey(new TenantId("acme"), KindRef.of(Pod.class, true).kind(), "shop", "web");
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-30T00:00:00Z"));
    private final IssuedTokens tokens = new IssuedTokens(now::get);

    @Test
    void areNotIssuedAgainBeforeTheyShow() {
        assertThat(tokens.isUnseen(KEY, "u1", "")).isFalse();

        tokens.issued(KEY, "u1", "");

        assertThat(tokens.isUnseen(KEY, "u1", "")).isTrue();
        assertThat(tokens.isUnseen(KEY, "u1", "7")).as("they show").isFalse();
        assertThat(tokens.isUnseen(KEY, "u2", ""))
                .as("of another pod of that name")
                .isFalse();
    }

    @Test
    void areRenewedOnce() {
        tokens.issued(KEY, "u1", "7");

        assertThat(tokens.isUnseen(KEY, "u1", "7")).isTrue();
        assertThat(tokens.isUnseen(KEY, "u1", "8")).isFalse();
    }

    @Test
    void areIssuedAgainWhereTheyDoNotShowForLong() {
        tokens.issued(KEY, "u1", "");
        now.set(now.get().plus(IssuedTokens.PATIENCE));

        assertThat(tokens.isUnseen(KEY, "u1", "")).isFalse();
    }
}
