package io.insula.node.volumes;

import io.insula.node.machine.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Folders in memory (`tmpfs`). Needs root. Stateless: the kernel's table of mounts is the state.
final class MemoryFolders {

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
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new IOException(command + " failed: " + said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
