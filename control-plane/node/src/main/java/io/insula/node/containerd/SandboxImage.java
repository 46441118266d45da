package io.insula.node.containerd;

import io.insula.node.image.ImageBuilder;
import io.insula.node.image.ImageSpec;
import io.insula.node.machine.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;

/// The image of every pod's first process, which holds its namespaces and buries its dead: made of this machine's
/// statically linked busybox, as no registry need be there. Stateless.
final class SandboxImage {

    static final String NAME = "localhost/insula/sandbox:1";

    /// Waits for ever; a shell takes leave of the orphans that a pod with one namespace of processes leaves to it.
    private static final List<String> PROCESS = List.of(
            "/bin/busybox",
            "sh",
            "-c",
            "trap 'kill $!; exit 0' TERM INT; while :; do busybox sleep 2147483 & wait $!; done");

    private SandboxImage() {}

    static void addBusybox(Path busybox, Path root) throws IOException {
        Path bin = Files.createDirectories(root.resolve("bin"));
        Files.copy(busybox, bin.resolve("busybox"), StandardCopyOption.COPY_ATTRIBUTES);
        String applets = Command.succeed(Duration.ofMinutes(1), List.of(busybox.toString(), "--list"));
        for (String applet : applets.split("\n", -1)) {
            if (!applet.isBlank() && !applet.equals("busybox")) {
                Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
            }
        }
    }

    /// @return the archive, in `folder`
    static Path build(Path busybox, Path folder) throws IOException {
        Path root = Files.createTempDirectory(folder, "sandbox-root");
        Path bin = Files.createDirectory(root.resolve("bin"));
        Path program = Files.copy(busybox, bin.resolve("busybox"), StandardCopyOption.COPY_ATTRIBUTES);
        try {
            Path archive = folder.resolve("sandbox.tar");
            ImageBuilder.build(root, ImageSpec.of(NAME, PROCESS), archive);
            return archive;
        } finally {
            Files.delete(program);
            Files.delete(bin);
            Files.delete(root);
        }
    }
}
