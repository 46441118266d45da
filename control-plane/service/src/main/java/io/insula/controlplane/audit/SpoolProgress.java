package io.insula.controlplane.audit;

import io.insula.controlplane.home.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// How far Kafka has a spool: the file `shipped`. It always has the same size and is written in place, so that it
/// takes no space that a full disk does not have: only what is known to be shipped can be removed. Twenty bytes
/// lie in one sector, which disks write whole. Confined to the shipper, but for [#read].
final class SpoolProgress {

    private static final int DIGITS = 20;

    private final Path file;
    private final SpoolFile.Opener opener;

    SpoolProgress(Path folder, SpoolFile.Opener opener) {
        file = folder.resolve("shipped");
        this.opener = opener;
    }

    boolean exists() {
        return Files.exists(file);
    }

    long read() throws IOException {
        try {
            return Long.parseLong(
                    Files.readString(file, StandardCharsets.US_ASCII).strip());
        } catch (NumberFormatException e) {
            throw new IOException(file + " is not a number", e);
        }
    }

    /// Makes the file, where it is not as [#write] needs it.
    void prepare(long position) throws IOException {
        if (!exists() || Files.size(file) != DIGITS + 1) {
            AtomicFiles.write(file, text(position));
        }
    }

    private static byte[] text(long position) {
        return ("%0" + DIGITS + "d\n").formatted(position).getBytes(StandardCharsets.US_ASCII);
    }

    /// Durable when it returns: what is shipped is removed next.
    void write(long position) {
        try (SpoolFile open = opener.open(file)) {
            open.write(ByteBuffer.wrap(text(position)), 0);
            open.force();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    Path file() {
        return file;
    }
}
