package io.insula.controlplane.home;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes small files so that a crash at any point leaves either the old or the new content, readable by the owner
/// only.
public final class AtomicFiles {

    private AtomicFiles() {}

    /// Makes a folder (and its parents) that only the owner may enter.
    public static Path folder(Path path) {
        try {
            if (!Files.isDirectory(path)) {
                Files.createDirectories(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            return path;
        } catch (IOException e) {
            throw new HomeException(
                    "cannot make the folder " + path + " (" + e + "): give its parent to this user, or choose another"
                            + " with --home",
                    e);
        }
    }

    /// Makes a file that only the owner may read and write, and opens it for writing.
    ///
    /// @throws java.nio.file.FileAlreadyExistsException where there is something of this name
    public static FileChannel create(Path path) throws IOException {
        return FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    /// Replaces the content of `path`: mode 0600, synced to disk before it takes the name. Makes its folder.
    public static void write(Path path, byte[] content) {
        Path parent = folder(path.resolveSibling("").toAbsolutePath());
        try {
            replace(parent, path, content);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + path, e);
        }
    }

    /// The same where the folder may be removed meanwhile: then nothing is written.
    public static void writeIfFolder(Path path, String content) {
        Path parent = path.resolveSibling("").toAbsolutePath();
        try {
            replace(parent, path, content.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            // it is gone
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + path, e);
        }
    }

    private static void replace(Path parent, Path path, byte[] content) throws IOException {
        Path temporary = parent.resolve("." + path.getFileName() + ".new");
        Files.deleteIfExists(temporary);
        try (var channel = create(temporary)) {
            var buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncFolder(parent);
    }

    public static void write(Path path, String content) {
        write(path, content.getBytes(StandardCharsets.UTF_8));
    }

    /// Makes a new or removed name in `folder` durable.
    public static void syncFolder(Path folder) {
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot sync " + folder, e);
        }
    }

    /// Removes a file. Nothing happens where it does not exist.
    public static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new HomeException("cannot remove " + file + ": " + e.getMessage(), e);
        }
    }

    /// Removes a folder with all in it; does not follow links. Nothing happens where it does not exist.
    public static void deleteTree(Path root) {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw e;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                    if (e != null) {
                        throw e;
                    }
                    Files.deleteIfExists(folder);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + root, e);
        }
    }
}
