package io.insula.controlplane.admin;

import io.insula.rules.digest.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// Short names for long things.
final class Fingerprints {

    /// Fits into a label.
    private static final int LENGTH = 40;

    private Fingerprints() {}

    /// 160 bits, in hexadecimal; no two lists of parts run into each other.
    static String of(String... parts) {
        var hash = Sha256.start();
        for (String part : parts) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            hash.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
            hash.update(bytes);
        }
        return HexFormat.of().formatHex(hash.digest()).substring(0, LENGTH);
    }
}
