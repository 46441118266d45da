package io.insula.controlplane.backup;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.rules.digest.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// The keys that backups are sealed with, in one file of the superuser's, one a line in 64 hexadecimal digits:
/// the first seals, all of them open. Read anew each time, so that a key may be added, or taken away to where
/// it is safe, while the service runs. Thread-safe: guarded by itself.
public final class BackupKeys {

    private static final Pattern LINE = Pattern.compile("[0-9a-f]{64}");
    private static final int BYTES = 32;
    private static final int ID_BYTES = 16;

    private final Path file;

    public BackupKeys(Path file) {
        this.file = file;
    }

    /// One key, for AES-256.
    ///
    /// @param id by which a backup names it; tells nothing of the key
    record Key(String id, byte[] secret) {
        static Key of(byte[] secret) {
            var digest = Sha256.start();
            digest.update("insula backup key".getBytes(StandardCharsets.US_ASCII));
            return new Key(HexFormat.of().formatHex(digest.digest(secret), 0, ID_BYTES), secret);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key(String otherId, byte[] otherSecret)
                    && id.equals(otherId)
                    && Arrays.equals(secret, otherSecret);
        }

        @Override
        public int hashCode() {
            return id.hashCode();
        }

        @Override
        public String toString() {
            return "Key[" + id + "]";
        }
    }

    public Path file() {
        return file;
    }

    /// What new backups are sealed with; made when there is no file.
    ///
    /// @param isUsed whether there are backups already: a key that is gone is not made anew, since whoever
    ///     relied on it would not notice
    synchronized Key sealing(boolean isUsed) {
        if (!Files.exists(file)) {
            if (isUsed) {
                throw new BackupException(
                        BackupException.Kind.FAILED,
                        "the key of backups, " + file + ", is gone, and there are backups: put it back; or begin with"
                                + " a new one, without which those cannot be read: `openssl rand -hex 32 > " + file
                                + "`");
            }
            var secret = new byte[BYTES];
            new SecureRandom().nextBytes(secret);
            AtomicFiles.write(file, HexFormat.of().formatHex(secret) + "\n");
        }
        return read().getFirst();
    }

    /// The key of this name.
    synchronized Key opening(String id) {
        List<Key> all = Files.exists(file) ? read() : List.of();
        return all.stream()
                .filter(key -> key.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new BackupException(
                        BackupException.Kind.FAILED,
                        "the backup is sealed with the key " + id + ", which is not in " + file
                                + ": add it there, as a line of 64 hexadecimal digits"));
    }

    private List<Key> read() {
        try {
            List<Key> all = Files.readString(file, StandardCharsets.US_ASCII)
                    .lines()
                    .map(line -> line.strip().toLowerCase(Locale.ROOT))
                    .filter(line -> !line.isEmpty())
                    .map(this::key)
                    .toList();
            if (all.isEmpty()) {
                throw unusable();
            }
            return all;
        } catch (IOException e) {
            throw BackupException.failed("cannot read the key of backups, " + file, e);
        }
    }

    private Key key(String line) {
        if (!LINE.matcher(line).matches()) {
            throw unusable();
        }
        return Key.of(HexFormat.of().parseHex(line));
    }

    private BackupException unusable() {
        return new BackupException(
                BackupException.Kind.FAILED,
                file + " holds no key of backups (expected: one or more lines of 64 hexadecimal digits)");
    }
}
