package io.insula.node.storage;

import io.insula.node.machine.Command;
import io.insula.node.machine.CommandException;
import io.insula.node.machine.Trees;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The volumes of a node, below one folder: each is a file system of its own in a file of the size that it
/// may have, so that none fills the machine's disk or reaches another. What is there survives us: a new one
/// finds it. Needs root. Calls come one after the other.
///
/// `NAME/disk` is the file, `NAME/mount` where it is mounted, and `data` in it what pods see.
public final class VolumeStore {

    private static final Logger LOG = LoggerFactory.getLogger(VolumeStore.class);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /// Made of a claim's uid, and so nothing that leads anywhere.
    private static final Pattern NAME = Pattern.compile("pvc-[0-9a-f][0-9a-f-]{0,62}");
    /// Less than this is no file system.
    private static final long LEAST_BYTES = 4L << 20;

    private static final int EVERYBODY = 0777;

    private final Path root;

    /// @param root made where it is missing; must not be a container's to write
    public VolumeStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /// Makes a volume, or finds it as it is.
    ///
    /// @param bytes at least that many, with what the file system needs for itself
    /// @return the folder that pods see
    /// @throws VolumeException where the machine cannot, or has promised its whole disk already
    public Path create(String name, long bytes) {
        Path folder = folder(name);
        try {
            if (!Files.exists(disk(folder))) {
                long size = Math.max(bytes, LEAST_BYTES);
                requireRoom(size);
                Files.createDirectories(folder);
                format(folder, size);
            }
            mount(folder);
            return data(folder);
        } catch (IOException | CommandException e) {
            throw new VolumeException(String.valueOf(e.getMessage()), e);
        }
    }

    /// Makes a volume larger, while pods use it if this machine lets us; nothing where it is as large.
    ///
    /// @throws VolumeException as for [#create], or where no pod may use it meanwhile; the volume is as it
    ///     was then
    public void grow(String name, long bytes) {
        Path disk = disk(folder(name));
        try {
            long more = bytes - Files.size(disk);
            if (more > 0) {
                requireRoom(more);
                allot(disk, bytes);
            }
            mount(folder(name));
            run("losetup", "--set-capacity", device(disk));
            if (!resized(device(disk))) {
                resizeUnmounted(folder(name));
            }
        } catch (IOException | CommandException e) {
            throw new VolumeException(String.valueOf(e.getMessage()), e);
        }
    }

    /// In use. Needs a right over and above root's usual ones where root's are cut (`CAP_SYS_RESOURCE`).
    private static boolean resized(String device) {
        return Command.run(PATIENCE, List.of("resize2fs", device)).exitCode() == 0;
    }

    /// Only where no pod has it: with pods it is tried again.
    private void resizeUnmounted(Path folder) throws IOException {
        unmount(folder);
        try {
            Command.run(PATIENCE, List.of("e2fsck", "-p", "-f", disk(folder).toString()));
            run("resize2fs", disk(folder).toString());
        } finally {
            mount(folder);
        }
    }

    /// Removes a volume with all that is in it; nothing where it is gone.
    ///
    /// @throws VolumeException where somebody still uses it
    public void remove(String name) {
        Path folder = folder(name);
        try {
            unmount(folder);
            Trees.delete(folder);
        } catch (IOException | CommandException e) {
            throw new VolumeException(String.valueOf(e.getMessage()), e);
        }
    }

    /// Mounts all volumes, as after a start of the machine. One that does not mount is only logged: it must
    /// not keep the others from their pods.
    public void mountAll() {
        for (Path folder : folders()) {
            try {
                mount(folder);
            } catch (IOException | CommandException e) {
                LOG.atError()
                        .addKeyValue("name", folder.getFileName())
                        .setCause(e)
                        .log("a volume does not mount; pods that claim it wait");
            }
        }
    }

    /// Unmounts all volumes; what is in them stays.
    ///
    /// @throws VolumeException where somebody still uses one
    public void unmountAll() {
        try {
            for (Path folder : folders()) {
                unmount(folder);
            }
        } catch (IOException | CommandException e) {
            throw new VolumeException(String.valueOf(e.getMessage()), e);
        }
    }

    private List<Path> folders() {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(root)) {
            return all.filter(folder -> Files.exists(disk(folder))).toList();
        } catch (IOException e) {
            throw new VolumeException("cannot list " + root + ": " + e, e);
        }
    }

    private void requireRoom(long more) throws IOException {
        long promised = more;
        for (Path folder : folders()) {
            promised += Files.size(disk(folder));
        }
        Files.createDirectories(root);
        long all = Files.getFileStore(root).getTotalSpace();
        if (promised > all) {
            throw new VolumeException("not enough free storage: more than the " + all
                    + " bytes of this node's disk would be promised to volumes");
        }
    }

    /// Under its name only once it is whole.
    private void format(Path folder, long bytes) throws IOException {
        Path fresh = folder.resolve("disk.new");
        Files.deleteIfExists(fresh);
        allot(fresh, bytes);
        // no blocks for root alone: a claim is for what it asks
        run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=1", fresh.toString());
        Files.move(fresh, disk(folder), StandardCopyOption.ATOMIC_MOVE);
    }

    /// Takes room on the machine's disk only where something is written.
    private static void allot(Path file, long bytes) throws IOException {
        try (var disk = new RandomAccessFile(file.toFile(), "rw")) {
            disk.setLength(bytes);
        }
    }

    private void mount(Path folder) throws IOException {
        Path mount = folder.resolve("mount");
        Files.createDirectories(mount);
        if (!isMounted(mount)) {
            run("mount", "-t", "ext4", "-o", "loop,nodev", disk(folder).toString(), mount.toString());
        }
        Path data = data(folder);
        if (!Files.isDirectory(data, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(data);
            Files.setAttribute(data, "unix:mode", EVERYBODY);
        }
    }

    private static void unmount(Path folder) throws IOException {
        Path mount = folder.resolve("mount");
        if (Files.isDirectory(mount) && isMounted(mount)) {
            run("umount", mount.toString());
        }
    }

    private static boolean isMounted(Path mount) throws IOException {
        return Trees.mountsAtOrBelow(mount).contains(mount.toRealPath());
    }

    private static String device(Path disk) {
        String said = Command.succeed(
                PATIENCE, List.of("losetup", "--noheadings", "--output", "NAME", "--associated", disk.toString()));
        return said.lines()
                .findFirst()
                .map(String::strip)
                .orElseThrow(() -> new VolumeException("no loop device has " + disk));
    }

    private static void run(String... command) {
        Command.succeed(PATIENCE, new ArrayList<>(List.of(command)));
    }

    private Path folder(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new VolumeException("\"" + name + "\" is no name of a volume of this node");
        }
        return root.resolve(name);
    }

    private static Path disk(Path folder) {
        return folder.resolve("disk");
    }

    private static Path data(Path folder) {
        return folder.resolve("mount").resolve("data");
    }
}
