package io.insula.controlplane.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Disk space set aside for the events of requests that are under way when the disk becomes full: those are still
/// recorded, then no request is carried out until the space can be set aside again. Thread-safe: guarded by itself.
final class SpoolReserve {

    static final int BYTES = 4 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(SpoolReserve.class);

    private final Path file;
    private final SpoolFile.Opener opener;

    SpoolReserve(Path root, SpoolFile.Opener opener) {
        file = root.resolve(".reserve");
        this.opener = opener;
    }

    /// Gives the space to those who write now. Answers whether there was any.
    synchronized boolean release() {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("file", file).setCause(e).log("cannot give reserved disk space free");
            return false;
        }
    }

    /// Sets the space aside, where it is not yet. Answers whether it is.
    synchronized boolean fill() {
        try {
            if (Files.exists(file) && Files.size(file) == BYTES) {
                return true;
            }
            var content = new byte[BYTES];
            // A file system that packs zeros away would reserve nothing.
            RandomGenerator.getDefault().nextBytes(content);
            try (SpoolFile open = opener.open(file)) {
                open.write(ByteBuffer.wrap(content), 0);
                open.force();
            }
            return true;
        } catch (IOException e) {
            release();
            return false;
        }
    }
}
