package io.insula.tenantapi.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoDurationTest {

    @ParameterizedTest
    @CsvSource({
        "1s, PT1S",
        "1m30s, PT1M30S",
        "1.5h, PT1H30M",
        ".5s, PT0.5S",
        "250ms, PT0.25S",
        "100us, PT0.0001S",
        "7ns, PT0.000000007S",
        "-2s, PT-2S",
        "+2s, PT2S",
        "0, PT0S",
        "0s, PT0S"
    })
    void readsWhatGoReads(String text, Duration want) {
        assertThat(GoDuration.parse(text)).isEqualTo(want);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x|time: invalid duration \"x\"",
                "10|time: missing unit in duration \"10\"",
                "10y|time: unknown unit \"y\" in duration \"10y\"",
                "1s x|time: unknown unit \"s x\" in duration \"1s x\"",
                "s|time: invalid duration \"s\"",
                "-|time: invalid duration \"-\"",
                "9999999999999h|time: invalid duration \"9999999999999h\""
            })
    void refusesTheRestInGosWords(String text, String want) {
        assertThatThrownBy(() -> GoDuration.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(want);
    }

    @Test
    void refusesNumbersWithoutEnd() {
        assertThatThrownBy(() -> GoDuration.parse("1".repeat(100_000) + "s"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
