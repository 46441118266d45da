package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.tenant.KeyRotation.Phase;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyRotationTest {

    private static final Instant BEGUN = Instant.parse("2026-11-30T12:00:00Z");

    @Test
    void endsByItselfWhenNothingOfTheFormerKeyIsAlive(@TempDir Path folder) {
        ClusterPki pki = ClusterPki.open(folder, "acme", List.of(), Clock.fixed(BEGUN, ZoneOffset.UTC));
        Instant late = BEGUN.plus(Duration.ofDays(10_000));
        assertThat(KeyRotation.due(pki, late)).as("nothing changes").isEmpty();

        for (RotatedKeys keys : RotatedKeys.values()) {
            keys.in(pki).begin();
            assertThat(KeyRotation.due(pki, BEGUN.plus(Duration.ofDays(365))))
                    .as("a certificate of a year")
                    .isEmpty();

            var due = KeyRotation.due(pki, BEGUN.plus(Duration.ofDays(366)));

            assertThat(due).contains(new KeyRotation(keys, Phase.FINISH));
            assertThat(due.orElseThrow().carryOut(pki)).isTrue();
            assertThat(due.orElseThrow().carryOut(pki)).as("once more").isFalse();
            assertThat(KeyRotation.due(pki, late)).isEmpty();
        }
    }

    @Test
    void isReadAsItIsWritten() {
        for (RotatedKeys keys : RotatedKeys.values()) {
            for (Phase phase : Phase.values()) {
                var rotation = new KeyRotation(keys, phase);
                assertThat(KeyRotation.of(rotation.wish())).contains(rotation);
            }
        }
        assertThat(KeyRotation.of("ca: begin, service-account: begin")).isEmpty();
    }
}
