package io.insula.node.logs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// The files that a log has had, beside it: `0.log.20260102-030405.000000001`, the oldest first. Stateless.
final class RotatedLogs {

    private RotatedLogs() {}

    /// Oldest first, without the current one.
    static List<Path> of(Path log) throws IOException {
        Path folder = Objects.requireNonNull(log.toAbsolutePath().getParent(), "a log in no folder");
        String start = log.getFileName() + ".";
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith(start))
                    .sorted()
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /// Which file goes on where that one ended; empty while it is the current one.
    ///
    /// @param key of the file that has been read
    static Optional<Path> after(Path log, Object key) throws IOException {
        if (isSame(log, key)) {
            return Optional.empty();
        }
        List<Path> older = of(log);
        for (int i = 0; i + 1 < older.size(); i++) {
            if (isSame(older.get(i), key)) {
                return Optional.of(older.get(i + 1));
            }
        }
        // the newest of them, or one that has been removed since: on with what is there now
        return Files.exists(log) ? Optional.of(log) : Optional.empty();
    }

    private static boolean isSame(Path file, Object key) throws IOException {
        try {
            return key.equals(
                    Files.readAttributes(file, BasicFileAttributes.class).fileKey());
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
