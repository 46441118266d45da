package io.insula.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class AuditCursorsTest {

    private static final Instant NOW = Instant.parse("2026-11-28T10:00:00Z");

    private Instant now = NOW;
    private final AuditCursors cursors = new AuditCursors(() -> now);

    @Test
    void provesARecordedReadForAWhile() {
        String cursor = cursors.seal("0:7,1:9", "root", "acme", NOW);

        assertThat(cursors.open(cursor, "root", "acme").position()).isEqualTo("0:7,1:9");
        assertThat(cursors.open(cursor, "root", "acme").recorded()).contains(NOW);
        assertThat(cursors.open(cursor, "jane", "acme").recorded()).isEmpty();
        assertThat(cursors.open(cursor, "root", "").recorded()).isEmpty();
        assertThat(new AuditCursors(() -> now).open(cursor, "root", "acme").recorded())
                .as("of another process")
                .isEmpty();
        now = NOW.plus(AuditCursors.RECORDED_FOR).minus(Duration.ofSeconds(1));
        assertThat(cursors.open(cursor, "root", "acme").recorded()).contains(NOW);
        now = NOW.plus(AuditCursors.RECORDED_FOR);
        assertThat(cursors.open(cursor, "root", "acme").recorded()).isEmpty();
        assertThat(cursors.open(cursor, "root", "acme").position()).isEqualTo("0:7,1:9");
    }
}
