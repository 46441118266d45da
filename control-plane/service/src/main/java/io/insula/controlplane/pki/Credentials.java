package io.insula.controlplane.pki;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.HomeException;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The client certificates that people were given for one cluster, without their keys, and which of them are taken no
/// more. One file each, written before the certificate is handed out and before a revocation counts; forgotten once
/// the certificate has ended. Thread-safe: writes are guarded by itself, [#isRevoked] answers from memory.
public final class Credentials {

    private static final int HEX = 16;
    private static final String ENDING = ".json";

    /// Of those from before it was remembered.
    private static final String FIRST_AUTHORITY = "ca";

    private final Path folder;
    private final Clock clock;
    private final Map<BigInteger, Credential> known = new ConcurrentHashMap<>();

    /// One certificate.
    ///
    /// @param serial in hexadecimal digits, lower case
    /// @param user empty, with all else but `revoked`, of one that was revoked but not given out here
    /// @param credentialId as the API server's audit events name it
    /// @param authority that issued it, as [KeyRing] names it; empty where that is not known
    public record Credential(
            String serial,
            String user,
            List<String> groups,
            @Nullable Instant issued,
            @Nullable Instant expires,
            String credentialId,
            String authority,
            @Nullable Instant revoked) {
        public Credential {
            groups = List.copyOf(groups);
        }

        Credential revokedAt(Instant when) {
            return new Credential(
                    serial, user, groups, issued, expires, credentialId, authority, revoked == null ? when : revoked);
        }

        boolean hasEnded(Instant now) {
            return expires != null && now.isAfter(expires);
        }

        /// As it is told and kept; what is not known is left out.
        public ObjectNode tree() {
            ObjectNode tree = Json.object().put("serial", serial);
            if (!user.isEmpty()) {
                tree.put("user", user);
                groups.forEach(tree.putArray("groups")::add);
                tree.put("credentialId", credentialId).put("authority", authority);
            }
            put(tree, "issuedTimestamp", issued);
            put(tree, "expirationTimestamp", expires);
            put(tree, "revocationTimestamp", revoked);
            return tree;
        }

        private static void put(ObjectNode tree, String field, @Nullable Instant when) {
            if (when != null) {
                tree.put(field, when.toString());
            }
        }

        static Credential of(JsonNode tree) {
            String user = tree.path("user").asText();
            var groups = new ArrayList<String>();
            tree.path("groups").forEach(group -> groups.add(group.asText()));
            return new Credential(
                    tree.path("serial").asText(),
                    user,
                    groups,
                    time(tree, "issuedTimestamp"),
                    time(tree, "expirationTimestamp"),
                    tree.path("credentialId").asText(),
                    tree.path("authority").asText(user.isEmpty() ? "" : FIRST_AUTHORITY),
                    time(tree, "revocationTimestamp"));
        }

        private static @Nullable Instant time(JsonNode tree, String field) {
            return tree.has(field) ? Instant.parse(tree.path(field).asText()) : null;
        }
    }

    private Credentials(Path folder, Clock clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /// Reads what is kept; a folder that is not there is an empty one, and is not made.
    ///
    /// @throws HomeException when a file is damaged: which certificates are taken no more would be unknown
    public static Credentials open(Path folder, Clock clock) {
        var credentials = new Credentials(folder, clock);
        if (Files.isDirectory(folder)) {
            credentials.read();
        }
        return credentials;
    }

    /// Remembers a certificate that is about to be handed out.
    ///
    /// @param authority that issued it, as [KeyRing] names it
    public synchronized void record(
            X509Certificate certificate, String user, List<String> groups, String credentialId, String authority) {
        forgetEnded();
        keep(new Credential(
                serial(certificate.getSerialNumber()),
                user,
                groups,
                clock.instant(),
                certificate.getNotAfter().toInstant(),
                credentialId,
                authority,
                null));
    }

    /// Those that have not ended, the newest first.
    public List<Credential> list() {
        Instant now = clock.instant();
        return known.values().stream()
                .filter(each -> !each.hasEnded(now))
                .sorted(Comparator.comparing(Credentials::age).thenComparing(Credential::serial))
                .toList();
    }

    /// From now on the certificate is not taken, whether it was given out here or not. Once revoked it stays so.
    ///
    /// @param serial in hexadecimal digits, as `openssl x509 -serial` and [#list] tell it; colons between them are
    ///     allowed
    /// @throws IllegalArgumentException for what is no serial number
    public synchronized Credential revoke(String serial) {
        BigInteger number = number(serial);
        Credential before = Optional.ofNullable(known.get(number))
                .orElseGet(() -> new Credential(serial(number), "", List.of(), null, null, "", "", null));
        if (before.revoked() != null) {
            return before;
        }
        Credential after = before.revokedAt(clock.instant());
        keep(after);
        return after;
    }

    /// Whether that is the certificate's serial number.
    ///
    /// @throws IllegalArgumentException for what is no serial number
    public static boolean isOf(String serial, X509Certificate certificate) {
        return number(serial).equals(certificate.getSerialNumber());
    }

    /// Whether the certificate is taken no more. From memory.
    public boolean isRevoked(X509Certificate certificate) {
        Credential found = known.get(certificate.getSerialNumber());
        return found != null && found.revoked() != null;
    }

    private static Instant age(Credential credential) {
        return credential.issued() == null ? Instant.MIN : credential.issued();
    }

    private void keep(Credential credential) {
        AtomicFiles.folder(folder);
        AtomicFiles.write(file(credential), credential.tree().toPrettyString() + "\n");
        known.put(number(credential.serial()), credential);
    }

    private void forgetEnded() {
        Instant now = clock.instant();
        known.values().stream().filter(each -> each.hasEnded(now)).toList().forEach(ended -> {
            try {
                Files.deleteIfExists(file(ended));
                known.remove(number(ended.serial()));
            } catch (IOException e) {
                throw new HomeException("cannot remove " + file(ended) + ": " + e.getMessage(), e);
            }
        });
    }

    private Path file(Credential credential) {
        return folder.resolve(credential.serial() + ENDING);
    }

    private void read() {
        try (Stream<Path> all = Files.list(folder)) {
            all.filter(file -> file.getFileName().toString().endsWith(ENDING)).forEach(this::read);
        } catch (IOException e) {
            throw damaged(folder, e);
        }
    }

    private void read(Path file) {
        try {
            Credential credential = Credential.of(Json.MAPPER.readTree(Files.readAllBytes(file)));
            known.put(number(credential.serial()), credential);
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            throw damaged(file, e);
        }
    }

    private static String serial(BigInteger number) {
        return number.toString(HEX);
    }

    private static BigInteger number(String serial) {
        try {
            var number = new BigInteger(serial.replace(":", ""), HEX);
            if (number.signum() > 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(wrong(serial), e);
        }
        throw new IllegalArgumentException(wrong(serial));
    }

    private static String wrong(String serial) {
        return "serial: \"" + serial + "\" (expected: a serial number in hexadecimal digits)";
    }

    private static HomeException damaged(Path file, Exception e) {
        return new HomeException(
                "the home folder is damaged: " + file + ": " + e.getMessage()
                        + "; restore the file from a backup; without it nobody knows which kubeconfigs are revoked",
                e);
    }
}
