package io.insula.controlplane.admin;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Cursors into the audit trail that prove from which recorded read they come: reading on is part of what was recorded
/// and needs no event of its own, or following the trail would never end. The proof binds user, tenant and time; it
/// ends after [#RECORDED_FOR], and with this process, and then reading on is recorded like a first read. Immutable.
final class AuditCursors {

    static final Duration RECORDED_FOR = Duration.ofMinutes(15);

    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;
    private final InstantSource clock;

    AuditCursors(InstantSource clock) {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        this.key = new SecretKeySpec(secret, ALGORITHM);
        this.clock = clock;
    }

    /// @param position the reader's own cursor
    /// @param recorded when the read was recorded that this goes on with; empty where it was not, or too long ago
    record Cursor(String position, Optional<Instant> recorded) {
        static final Cursor BEGIN = new Cursor("", Optional.empty());
    }

    /// @param cursor as a client sent it; empty for the beginning
    /// @throws AdminException 400 where it is none of ours
    Cursor open(String cursor, String user, String tenant) {
        if (cursor.isEmpty()) {
            return Cursor.BEGIN;
        }
        String[] parts = cursor.split("\\.", -1);
        if (parts.length != 3 || parts[0].isEmpty()) {
            throw AdminException.badRequest("cursor: \"" + cursor + "\" (expected: one from an earlier answer)");
        }
        try {
            String position = new String(Base64.getUrlDecoder().decode(parts[0]), StandardCharsets.UTF_8);
            return new Cursor(position, proved(parts, position, user, tenant));
        } catch (IllegalArgumentException e) {
            throw AdminException.badRequest("cursor: \"" + cursor + "\" (expected: one from an earlier answer)");
        }
    }

    /// @param recorded when the read was recorded that this cursor is handed out for
    String seal(String position, String user, String tenant, Instant recorded) {
        String at = Long.toString(recorded.getEpochSecond());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(position.getBytes(StandardCharsets.UTF_8)) + "."
                + at + "." + proof(position, user, tenant, at);
    }

    private Optional<Instant> proved(String[] parts, String position, String user, String tenant) {
        byte[] wanted = proof(position, user, tenant, parts[1]).getBytes(StandardCharsets.US_ASCII);
        if (!MessageDigest.isEqual(wanted, parts[2].getBytes(StandardCharsets.UTF_8))) {
            return Optional.empty();
        }
        Instant recorded = Instant.ofEpochSecond(Long.parseLong(parts[1]));
        boolean fresh = clock.instant().isBefore(recorded.plus(RECORDED_FOR));
        return fresh ? Optional.of(recorded) : Optional.empty();
    }

    private String proof(String position, String user, String tenant, String at) {
        try {
            var mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            String bound = Fingerprints.of(position, user, tenant, at);
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(mac.doFinal(bound.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + ALGORITHM, e);
        }
    }
}
