package io.insula.controlplane.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ListeningTest {

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1",
        "localhost, 127.0.0.1",
        "0.0.0.0, 0.0.0.0",
        "::1, 0:0:0:0:0:0:0:1",
        "::, 0:0:0:0:0:0:0:0"
    })
    void takesAnAddressOrAName(String listen, String bind) {
        assertThat(Listening.of(listen, "insula.example.org").bind()).isEqualTo(bind);
    }

    /// The JVM would take each of the numbers for an address of this machine, and not for the one that a person meant.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.1",
                "2130706433",
                "0177.0.0.1",
                "127.0.0.01",
                "0x7f.0.0.0x1",
                "127.0.0.1.",
                "[::1]",
                "",
                " ",
                "a b"
            })
    void refusesOtherSpellings(String listen) {
        assertThatThrownBy(() -> Listening.of(listen, "insula.example.org"))
                .isInstanceOf(HomeException.class)
                .hasMessageStartingWith("--listen: \"" + listen + "\" (expected: an IP address of this machine");
    }

    @Test
    void advertisesANameOrAnAddress() {
        assertThat(Listening.of("127.0.0.1", "insula.example.org").publicUrl(6443))
                .isEqualTo("https://insula.example.org:6443");
        assertThat(Listening.of("127.0.0.1", "2001:db8::1").publicUrl(6443)).isEqualTo("https://[2001:db8::1]:6443");
        assertThatThrownBy(() -> Listening.of("127.0.0.1", "a_b"))
                .isInstanceOf(HomeException.class)
                .hasMessageContaining("--advertise");
    }
}
