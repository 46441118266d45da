package io.insula.rules.digest;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256. Every Java has it (source: `java.security.MessageDigest`, "Every implementation of the Java platform is
/// required to support"), so no caller is asked what it does without.
public final class Sha256 {

    private Sha256() {}

    /// For what comes in parts.
    public static MessageDigest start() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// 32 bytes.
    public static byte[] of(byte[] bytes) {
        return start().digest(bytes);
    }

    /// 32 bytes, of the text in UTF-8.
    public static byte[] of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /// 64 digits, small ones.
    public static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(of(bytes));
    }

    /// The beginning of a text's digest in small hexadecimal digits, for names that may be short.
    ///
    /// @param bytes how many of the digest's 32 are told, by two digits each
    public static String hex(String text, int bytes) {
        return HexFormat.of().formatHex(of(text), 0, bytes);
    }
}
