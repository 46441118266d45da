package io.insula.syncer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BulkBreakerTest {

    private Instant now = Instant.EPOCH;
    private final BulkBreaker breaker = new BulkBreaker(SyncSettings.DEFAULT, () -> now);

    @Test
    void stopsWhenHalfOfATenantVanishesUnseen() {
        int objects = 100;
        int deleted = 0;
        while (breaker.allows(objects - deleted) && deleted < 100) {
            deleted++;
        }
        assertThat(deleted).isEqualTo(50);
        assertThat(breaker.isOpen()).isTrue();
    }

    /// Caches lag behind what was deleted, most of all when much is deleted at once.
    @Test
    void countsOnceWhatTheCachesStillHave() {
        int deleted = 0;
        while (breaker.allows(100) && deleted < 100) {
            deleted++;
        }
        assertThat(deleted).isEqualTo(50);
    }

    @Test
    void staysOpenUntilConfirmedHoweverLongItTakes() {
        openIt();
        now = now.plus(Duration.ofDays(1));
        assertThat(breaker.allows(1000)).isFalse();

        breaker.confirm();

        assertThat(breaker.allows(1)).isTrue();
        assertThat(breaker.isOpen()).isFalse();
    }

    @Test
    void letsAFewGoHoweverSmallTheTenant() {
        for (int left = 5; left > 0; left--) {
            assertThat(breaker.allows(left)).isTrue();
        }
    }

    private void openIt() {
        for (int left = 10; breaker.allows(left); left--) {
            assertThat(left).isPositive();
        }
    }
}
