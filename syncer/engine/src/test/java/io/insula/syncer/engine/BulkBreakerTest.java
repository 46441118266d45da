package io.insula.syncer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.syncer.engine.SyncAudit.Side;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BulkBreakerTest {

    private Instant now = Instant.EPOCH;
    private final List<String> told = new ArrayList<>();
    private final SyncMeter meter = new SyncMeter() {
        @Override
        public void opened(Side kept) {
            told.add("opened " + kept);
        }

        @Override
        public void closed(Side kept, boolean byPerson) {
            told.add((byPerson ? "released " : "proven ") + kept);
        }

        @Override
        public void repaired(String syncer) {
            told.add("repaired " + syncer);
        }
    };
    private final BulkBreaker breaker = new BulkBreaker(SyncSettings.DEFAULT, () -> now, Side.HOST, meter);

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

    @Test
    void tellsOnceThatItOpensAndByWhatItCloses() {
        openIt();
        breaker.allows(5);
        breaker.release();
        breaker.confirm();
        assertThat(told).containsExactly("opened HOST", "released HOST");

        now = now.plus(Duration.ofDays(1));
        openIt();
        breaker.restored();
        assertThat(told).endsWith("opened HOST", "proven HOST");
    }

    /// What is there again proves nothing about what vanishes next.
    @Test
    void countsAnewWhenWhatHadVanishedIsThereAgain() {
        openIt();
        breaker.restored();

        assertThat(breaker.isOpen()).isFalse();
        openIt();
        assertThat(breaker.isOpen()).isTrue();
    }

    private void openIt() {
        for (int left = 10; breaker.allows(left); left--) {
            assertThat(left).isPositive();
        }
    }
}
