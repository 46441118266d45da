package io.insula.controlplane.admin;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Short names for long things.
final class Fingerprints {

    /// Fits into a label.
    private static final int LENGTH = 40;

    private Fingerprints() {}

    /// 160 bits, in hexadecimal; no two lists of parts run into each other.
    static String of(String... parts) {
        try {
            var hash = MessageDigest.getInstance("SHA-256");
            for (String part : parts) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                hash.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
                hash.update(bytes);
            }
            return HexFormat.of().formatHex(hash.digest()).substring(0, LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }
}
