package io.insula.rules.resources;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {

    /// Source: kubernetes/apimachinery, the documentation of `resource.Quantity`, and its rounding rules.
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0m, 0",
        "1, 1",
        "1000m, 1",
        "1500m, 1500m",
        "1.5, 1500m",
        "0.1, 100m",
        "100m, 100m",
        "1e3, 1e3",
        "12e6, 12e6",
        "1E3, 1e3",
        "1.5Gi, 1536Mi",
        "1024Mi, 1Gi",
        "1024Ki, 1Mi",
        "512, 512",
        "1000, 1k",
        "1000000k, 1G",
        "0.5Ki, 512",
        "1.5Ki, 1536",
        "0.5Mi, 512Ki",
        "1.1Ki, 1126400m",
        "-1, -1",
        "+5, 5",
        "-1500m, -1500m",
        ".5, 500m",
        "5., 5",
        "1n, 1n",
        "0.1n, 1n",
        "1100n, 1100n",
        "1000n, 1u",
        "100E, 9223372036854775807",
        "2Ei, 2Ei",
        "123456, 123456",
        "1e-3, 1e-3",
        "1.5e3, 1500",
        "10e3, 10e3",
        "1e2, 100"
    })
    void writesCanonicalForm(String text, String canonical) {
        assertThat(Quantity.canonical(text)).contains(canonical);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " 1", "a", "1a", "1KI", "1 Ki", "--1", "1.1.1", "e3", "1e", "1Kii"})
    void refusesOtherText(String text) {
        assertThat(Quantity.parse(text)).isEmpty();
    }

    @Test
    void comparesAndAddsByValue() {
        Quantity one = Quantity.parse("1").orElseThrow();
        Quantity milli = Quantity.parse("1000m").orElseThrow();
        assertThat(one).isEqualTo(milli).hasSameHashCodeAs(milli);
        assertThat(one.plus(Quantity.parse("250m").orElseThrow())).hasToString("1250m");
        assertThat(Quantity.parse("1Gi")
                        .orElseThrow()
                        .minus(Quantity.parse("1Mi").orElseThrow()))
                .hasToString("1023Mi");
        assertThat(Quantity.parse("1001m").orElseThrow().longValue()).isEqualTo(2);
        assertThat(one.milliValue()).isEqualTo(1000);
    }
}
