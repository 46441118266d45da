package io.insula.syncer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ReservationsTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:01:00Z");

    @Test
    void waitsForTheTenantObjectThatIsStillBeingAdmitted() {
        assertThat(Reservations.wait(reserved("2026-01-01T00:00:30Z"), false, NOW))
                .contains(Reservations.STALE);
        assertThat(Reservations.wait(reserved("2026-01-01T00:00:00Z"), false, NOW))
                .isEmpty();
    }

    @Test
    void takesAnotherObjectOfTheNameForStaleOnlyShortly() {
        assertThat(Reservations.wait(reserved("2026-01-01T00:00:58Z"), true, NOW))
                .isPresent();
        assertThat(Reservations.wait(reserved("2026-01-01T00:00:50Z"), true, NOW))
                .isEmpty();
    }

    @Test
    void holdsUpNothingThatIsNotReserved() {
        assertThat(Reservations.wait(
                        new ServiceBuilder().withNewMetadata().endMetadata().build(), false, NOW))
                .isEmpty();
        assertThat(Reservations.isReserved(reserved("not a time"))).isTrue();
        assertThat(Reservations.wait(reserved("not a time"), false, NOW)).isEmpty();
    }

    private static Service reserved(String time) {
        return new ServiceBuilder()
                .withNewMetadata()
                .addToAnnotations(InsulaLabels.RESERVED, time)
                .endMetadata()
                .build();
    }
}
