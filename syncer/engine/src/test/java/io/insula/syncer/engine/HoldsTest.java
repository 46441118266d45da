package io.insula.syncer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HoldsTest {

    private static final TenantId ACME = new TenantId("acme");

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private final Holds holds = new Holds(now::get);

    @Test
    void tellsOnlyOfWhatIsHeldForLong() {
        holds.hold(key("a"), "the host object exists");
        holds.hold(key("b"), "the host object exists");
        assertThat(holds.trouble(ACME)).isEmpty();

        now.updateAndGet(time -> time.plus(Duration.ofSeconds(30)));
        holds.hold(key("a"), "the host object exists");
        holds.hold(key("c"), "the host object exists");

        assertThat(holds.trouble(ACME))
                .get()
                .extracting(SyncTrouble::message)
                .asString()
                .contains("=2");
        assertThat(holds.trouble(new TenantId("globex"))).isEmpty();

        holds.release(key("a"));
        holds.release(key("b"));
        assertThat(holds.trouble(ACME)).isEmpty();
        assertThat(holds.of(ACME)).containsExactly(key("c"));

        holds.forget(ACME);
        assertThat(holds.of(ACME)).isEmpty();
    }

    private static SyncKey key(String name) {
        return new SyncKey(ACME, "Pod", "default", name);
    }
}
