package io.insula.node.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.node.image.ImageBuilder;
import io.insula.node.image.ImageSpec;
import io.insula.node.machine.Command;
import io.insula.node.machine.Trees;
import io.insula.node.network.PodNetwork;
import io.insula.node.network.Router;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// One containerd for all tests of a JVM, as a parameter; destroyed after the last. Without root there can be none:
/// then the tests report themselves skipped. As root, a missing program is a failure.
public final class TestContainerd implements ParameterResolver {

    /// A busybox with links to it.
    public static final String IMAGE = "localhost/insula-test/busybox:1";

    /// It says `entrypoint default arguments`, by entrypoint and command; its busybox may become root, whoever starts
    /// it.
    public static final String ECHO = "localhost/insula-test/echo:1";

    private static final ExtensionContext.Namespace STORE = ExtensionContext.Namespace.create(TestContainerd.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == OwnContainerd.class;
    }

    @Override
    public OwnContainerd resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Assumptions.assumeTrue(isRoot(), "containers need root");
        return context.getRoot()
                .getStore(STORE)
                .computeIfAbsent(Shared.class, _ -> Shared.start(), Shared.class)
                .containerd;
    }

    static boolean isRoot() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private record Shared(OwnContainerd containerd, Path folder) implements AutoCloseable {

        static Shared start() {
            try {
                Path folder = Files.createTempDirectory("insula-node");
                long pid = ProcessHandle.current().pid();
                var network = new PodNetwork("ins-t" + pid, "10.211." + pid % 256 + ".0/24");
                OwnContainerd containerd = OwnContainerd.start(folder.resolve("containerd"), network);
                letEverybodyTalk(network);
                assertThat(containerd.access().load(image(folder))).containsExactly(IMAGE);
                return new Shared(containerd, folder);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() throws IOException {
            containerd.destroy();
            Trees.delete(folder);
        }
    }

    /// Most tests write no rules for their pods.
    private static void letEverybodyTalk(PodNetwork network) {
        Command.succeed(
                Duration.ofMinutes(1),
                List.of(
                        "nsenter",
                        "--net=" + Router.namespace(network),
                        "nft",
                        "delete table ip insula; add table ip insula"));
    }

    private static Path image(Path folder) throws IOException {
        Path root = Files.createDirectories(folder.resolve("image"));
        OwnContainerd.addBusybox(root);
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/:/bin/sh\nsomebody:x:77:88::/:/bin/sh\n");
        Files.writeString(root.resolve("etc/group"), "root:x:0:\nsomebody:x:88:\n");
        Path tmp = Files.createDirectories(root.resolve("tmp"));
        Files.setAttribute(tmp, "unix:mode", 01777);
        Path archive = folder.resolve("image.tar");
        assertThat(ImageBuilder.build(root, ImageSpec.of(IMAGE, List.of("/bin/sh")), archive))
                .startsWith("sha256:");
        return archive;
    }

    /// Brings [#ECHO], which others may have collected.
    public static void loadEcho(OwnContainerd containerd) {
        try {
            Path folder = Files.createTempDirectory("insula-echo");
            Path root = Files.createDirectories(folder.resolve("image"));
            OwnContainerd.addBusybox(root);
            Files.setAttribute(root.resolve("bin/busybox"), "unix:mode", 04755);
            Path archive = folder.resolve("image.tar");
            var spec = new ImageSpec(
                    ECHO, List.of("/bin/echo", "entrypoint"), List.of("default", "arguments"), Map.of(), "", "");
            ImageBuilder.build(root, spec, archive);
            assertThat(containerd.access().load(archive)).containsExactly(ECHO);
            Trees.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
