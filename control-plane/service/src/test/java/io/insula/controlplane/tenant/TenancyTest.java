package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TenancyTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "acme", "a-1", "0a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    void takesDnsLabels(String name) {
        assertThat(Tenancy.checkName(name)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "a.b", "a_b", "-a", "a-", "a/..", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    void refusesWhatIsNoDnsLabelOrTooLong(String name) {
        assertThat(Tenancy.checkName(name)).isPresent();
    }

    @Test
    void keepsTheTransitionTimeWhileTheStatusStays() {
        Instant first = Instant.parse("2026-01-01T00:00:00Z");
        var waiting = TenantCondition.of("Ready", false, 1L, first, "Waiting", "etcd");
        var stillWaiting = TenantCondition.of("Ready", false, 1L, first.plusSeconds(9), "Waiting", "API server");
        var ready = TenantCondition.of("Ready", true, 1L, first.plusSeconds(20), "Ready", "");

        TenantStatus status = TenantStatus.EMPTY.with(waiting).with(stillWaiting);
        assertThat(status.condition("Ready").orElseThrow().lastTransitionTime()).isEqualTo(first.toString());
        assertThat(status.condition("Ready").orElseThrow().message()).isEqualTo("API server");
        assertThat(status.with(ready).condition("Ready").orElseThrow().lastTransitionTime())
                .isEqualTo(first.plusSeconds(20).toString());
    }
}
