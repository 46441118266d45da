package io.insula.rules.digest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// Source of the values: NIST's examples for SHA-256, "abc" and the empty message.
class Sha256Test {

    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void isWhatNistSays() {
        assertThat(Sha256.hex("abc".getBytes(StandardCharsets.US_ASCII))).isEqualTo(ABC);
        assertThat(Sha256.hex(new byte[0])).startsWith("e3b0c44298fc1c149afbf4c8996fb924");
    }

    @Test
    void isTheSameForTextsBytesAndParts() {
        byte[] bytes = "grün".getBytes(StandardCharsets.UTF_8);
        var parts = Sha256.start();
        parts.update(bytes, 0, 2);
        parts.update(bytes, 2, bytes.length - 2);

        assertThat(Sha256.of("grün")).isEqualTo(Sha256.of(bytes)).isEqualTo(parts.digest());
    }

    @Test
    void tellsAsMuchAsIsAsked() {
        assertThat(Sha256.hex("abc", 4)).isEqualTo(ABC.substring(0, 8));
    }
}
