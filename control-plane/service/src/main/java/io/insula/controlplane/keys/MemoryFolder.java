package io.insula.controlplane.keys;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.HomeException;
import io.insula.rules.digest.Sha256;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// A folder of this user's in memory (tmpfs), for programs that read their private key from a file, again and again,
/// as etcd does for each connection. What is in it ends with the machine at the latest. Immutable.
public final class MemoryFolder {

    private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs");
    private static final String OWNERS = "rwx------";
    private static final int NAME_BYTES = 12;

    private final Path root;

    private MemoryFolder(Path root) {
        this.root = root;
    }

    /// The one of this user on this machine, made when there is none: below `/run`, where a user may write there, that
    /// is root; in `XDG_RUNTIME_DIR`; in `/dev/shm`.
    ///
    /// @throws HomeException when none of these is in memory, or somebody else has made it
    static MemoryFolder ofThisUser(Map<String, String> environment) {
        return in(Stream.of("/run", environment.getOrDefault("XDG_RUNTIME_DIR", ""), "/dev/shm")
                .filter(name -> !name.isEmpty())
                .map(Path::of)
                .toList());
    }

    /// @param places tried in this order
    static MemoryFolder in(List<Path> places) {
        Path place = places.stream()
                .filter(MemoryFolder::isInMemory)
                .findFirst()
                .orElseThrow(() -> new HomeException("etcd and Kafka read their private keys from files, and there is"
                        + " no folder in memory (tmpfs) for them that this user may write, none of " + places
                        + ": mount one there; nothing was changed"));
        Path root = place.resolve("insula-" + user());
        try {
            Files.createDirectory(root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNERS)));
        } catch (FileAlreadyExistsException e) {
            requireOwn(root);
        } catch (IOException e) {
            throw new HomeException("cannot make the folder " + root + ": " + e.getMessage(), e);
        }
        return new MemoryFolder(root);
    }

    private static boolean isInMemory(Path place) {
        try {
            return Files.isDirectory(place)
                    && Files.isWritable(place)
                    && IN_MEMORY.contains(Files.getFileStore(place).type());
        } catch (IOException e) {
            return false;
        }
    }

    /// In a folder where everybody writes, everybody can have been first.
    private static void requireOwn(Path root) {
        try {
            boolean isOwn = Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)
                    && uid(root) == user()
                    && PosixFilePermissions.toString(Files.getPosixFilePermissions(root, LinkOption.NOFOLLOW_LINKS))
                            .equals(OWNERS);
            if (!isOwn) {
                throw new HomeException(root + " is no folder that this user alone may enter, as private keys in it"
                        + " need: remove it; nothing was changed");
            }
        } catch (IOException e) {
            throw new HomeException("cannot read " + root + ": " + e.getMessage(), e);
        }
    }

    private static int user() {
        try {
            return uid(Path.of("/proc/self"));
        } catch (IOException e) {
            throw new HomeException("cannot tell which user this is: " + e.getMessage(), e);
        }
    }

    private static int uid(Path path) throws IOException {
        return (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    /// Writes what a file would hold, and answers where.
    ///
    /// @param file where it would be
    public Path write(Path file, String content) {
        Path there = of(file.resolveSibling("")).resolve(file.getFileName().toString());
        AtomicFiles.write(there, content);
        return there;
    }

    /// Removes all that stands for files of a folder.
    public void remove(Path folder) {
        AtomicFiles.deleteTree(of(folder));
    }

    private Path of(Path folder) {
        return root.resolve(Sha256.hex(folder.toAbsolutePath().normalize().toString(), NAME_BYTES));
    }

    @Override
    public String toString() {
        return root.toString();
    }
}
