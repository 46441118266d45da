package io.insula.node.volumes;

import io.insula.node.machine.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A folder whose files change all at once: who reads, sees all of the old or all of the new. Confined to one thread a
/// folder; readers anywhere.
///
/// Source: Kubernetes, `pkg/volume/util/atomic_writer.go`: the files are in a folder named by time, `..data` links to
/// it, each name at the top links through `..data`; the link is exchanged by a rename.
final class AtomicFolder {

    private static final String DATA = "..data";
    private static final String NEW_DATA = "..data_tmp";

    private AtomicFolder() {}

    /// @param mode permissions, e.g. 0644
    record Content(byte[] bytes, int mode) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Content(byte[] b, int m) && m == mode && Arrays.equals(b, bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes) * 31 + mode;
        }
    }

    /// Makes `folder` hold exactly `files`, by their paths relative to it. Nothing is written where it does already.
    static void write(Path folder, Map<String, Content> files) throws IOException {
        Files.createDirectories(folder);
        if (current(folder).equals(files)) {
            return;
        }
        Path fresh = Files.createTempDirectory(folder, "..");
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (Map.Entry<String, Content> file : files.entrySet()) {
            Path path = fresh.resolve(file.getKey()).normalize();
            if (!path.startsWith(fresh) || path.equals(fresh)) {
                throw new IOException(file.getKey() + " leads out of the volume");
            }
            Files.createDirectories(path.getParent() == null ? fresh : path.getParent());
            Files.write(path, file.getValue().bytes());
            Files.setAttribute(path, "unix:mode", file.getValue().mode());
        }
        Path old = Files.isSymbolicLink(folder.resolve(DATA))
                ? folder.resolve(Files.readSymbolicLink(folder.resolve(DATA)))
                : fresh;
        Files.deleteIfExists(folder.resolve(NEW_DATA));
        Files.createSymbolicLink(folder.resolve(NEW_DATA), fresh.getFileName());
        Files.move(
                folder.resolve(NEW_DATA),
                folder.resolve(DATA),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        linkNames(folder, files);
        if (!old.equals(fresh)) {
            Trees.delete(old);
        }
    }

    private static void linkNames(Path folder, Map<String, Content> files) throws IOException {
        var names = files.keySet().stream()
                .map(path -> Path.of(path).getName(0).toString())
                .collect(Collectors.toCollection(TreeSet::new));
        for (String name : names) {
            Path link = folder.resolve(name);
            if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                Files.createSymbolicLink(link, Path.of(DATA, name));
            }
        }
        try (Stream<Path> all = Files.list(folder)) {
            for (Path path : all.toList()) {
                String name = path.getFileName().toString();
                if (!name.startsWith("..") && !names.contains(name)) {
                    Files.delete(path);
                }
            }
        }
    }

    private static Map<String, Content> current(Path folder) throws IOException {
        var files = new TreeMap<String, Content>();
        Path data = folder.resolve(DATA);
        if (!Files.isDirectory(data)) {
            return files;
        }
        Path real = data.toRealPath();
        try (Stream<Path> all = Files.walk(real)) {
            for (Path path : all.filter(Files::isRegularFile).toList()) {
                int mode = (int) Files.getAttribute(path, "unix:mode") & 07777;
                files.put(real.relativize(path).toString(), new Content(Files.readAllBytes(path), mode));
            }
        }
        return files;
    }
}
