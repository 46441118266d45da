package io.insula.tenantapi.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MetaTest {

    @ParameterizedTest
    @CsvSource({
        "30, 2026-01-01T00:00:30Z",
        "-30, 2025-12-31T23:59:30Z",
        "9223372036854775807, 9999-12-31T23:59:59Z",
        "-9223372036854775808, 0001-01-01T00:00:00Z"
    })
    void countsAnyNumberOfSeconds(long seconds, Instant then) {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        assertThat(Meta.after(now, seconds)).isEqualTo(then);
        assertThat(Meta.after(then, 0)).isEqualTo(then);
    }
}
