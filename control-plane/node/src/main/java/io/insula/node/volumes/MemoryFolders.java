package io.insula.node.volumes;

import io.insula.node.machine.Command;
import io.insula.node.machine.CommandException;
import io.insula.node.machine.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Folders in memory (`tmpfs`). Needs root. Stateless: the kernel's table of mounts is the state.
final class MemoryFolders {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private MemoryFolders() {}

    /// @param bytes most that it holds; 0 for the kernel's default, half of the machine's memory
    static void mount(Path folder, long bytes) throws IOException {
        Files.createDirectories(folder);
        if (isMounted(folder)) {
            return;
        }
        String options = "mode=0777,nosuid,nodev" + (bytes > 0 ? ",size=" + bytes : "");
        run(List.of("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder.toString()));
    }

    static void unmount(Path folder) throws IOException {
        if (isMounted(folder)) {
            run(List.of("umount", "--lazy", folder.toString()));
        }
    }

    /// The youngest first.
    static void unmountBelow(Path folder) throws IOException {
        for (Path mount : Trees.mountsAtOrBelow(folder).reversed()) {
            run(List.of("umount", "--lazy", mount.toString()));
        }
    }

    static boolean isMounted(Path folder) throws IOException {
        return Trees.mountsAtOrBelow(folder).contains(folder.toRealPath());
    }

    private static void run(List<String> command) throws IOException {
        try {
            Command.succeed(PATIENCE, command);
        } catch (CommandException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
