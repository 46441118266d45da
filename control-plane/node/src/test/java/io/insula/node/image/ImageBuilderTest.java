package io.insula.node.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is written is read back by the system's own tar.
final class ImageBuilderTest {

    private static final String LONG = "a-long-name-".repeat(15);

    @TempDir
    private Path folder;

    private Path root = Path.of("root");

    @BeforeEach
    void makeRoot() throws IOException {
        root = Files.createDirectories(folder.resolve("root"));
        Files.createDirectories(root.resolve("bin"));
        Files.writeString(root.resolve("bin/app"), "the program");
        Files.setAttribute(root.resolve("bin/app"), "unix:mode", 04755);
        Files.createSymbolicLink(root.resolve("bin/link"), Path.of("app"));
        Files.createSymbolicLink(root.resolve("bin/far"), Path.of("/" + LONG));
        Files.writeString(root.resolve(LONG), "x".repeat(1000));
        Files.createDirectories(root.resolve("ünï/empty"));
    }

    @Test
    void holdsFilesFoldersLinksAndModes() throws Exception {
        Path archive = folder.resolve("image.tar");
        String digest = ImageBuilder.build(root, ImageSpec.of("app:1", List.of("/bin/app")), archive);
        Path outer = extracted(archive);
        assertThat(outer.resolve("blobs/sha256").resolve(digest.substring("sha256:".length())))
                .exists();

        Path inner = extracted(layer(outer));
        assertThat(inner.resolve("bin/app")).hasContent("the program");
        assertThat((int) Files.getAttribute(inner.resolve("bin/app"), "unix:mode") & 07777)
                .isEqualTo(04755);
        assertThat(Files.readSymbolicLink(inner.resolve("bin/link"))).isEqualTo(Path.of("app"));
        assertThat(Files.readSymbolicLink(inner.resolve("bin/far"))).isEqualTo(Path.of("/" + LONG));
        assertThat(inner.resolve(LONG)).hasContent("x".repeat(1000));
        assertThat(inner.resolve("ünï/empty")).isEmptyDirectory();
    }

    @Test
    void saysWhatRunsAndHow() throws Exception {
        Path archive = folder.resolve("image.tar");
        var spec = new ImageSpec(
                "registry.example:5000/team/app:2.1",
                List.of("/bin/app", "--a \"quoted\" one"),
                List.of("serve"),
                Map.of("KEY", "value=1"),
                "1000:2000",
                "/data");
        ImageBuilder.build(root, spec, archive);
        Path outer = extracted(archive);

        String all = blobs(outer);
        assertThat(all)
                .contains("\"Entrypoint\":[\"/bin/app\",\"--a \\\"quoted\\\" one\"]", "\"Cmd\":[\"serve\"]")
                .contains("\"KEY=value=1\"", "\"PATH=/usr/local/sbin", "\"User\":\"1000:2000\"")
                .contains("\"WorkingDir\":\"/data\"", "\"os\":\"linux\"");
        assertThat(Files.readString(outer.resolve("index.json")))
                .contains("\"io.containerd.image.name\":\"registry.example:5000/team/app:2.1\"")
                .contains("\"org.opencontainers.image.ref.name\":\"2.1\"");
        assertThat(Files.readString(outer.resolve("manifest.json"))).contains("registry.example:5000/team/app:2.1");
    }

    @Test
    void namesImagesInFull() {
        assertThat(ImageSpec.of("app:1", List.of()).fullName()).isEqualTo("docker.io/library/app:1");
        assertThat(ImageSpec.of("team/app:1", List.of()).fullName()).isEqualTo("docker.io/team/app:1");
        assertThat(ImageSpec.of("localhost/app:1", List.of()).fullName()).isEqualTo("localhost/app:1");
        assertThat(ImageSpec.of("r.example/app:1", List.of()).fullName()).isEqualTo("r.example/app:1");
        for (String bad : List.of("app", "App:1", "app:", "", "app:1 2", "../app:1", "-app:1")) {
            assertThatThrownBy(() -> ImageSpec.of(bad, List.of()))
                    .as(bad)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected: a name with a tag");
        }
    }

    @Test
    void givesTheSameBytesWhateverTheTime() throws IOException {
        ImageSpec spec = ImageSpec.of("app:1", List.of("/bin/app"));
        ImageBuilder.build(root, spec, folder.resolve("one.tar"));
        Files.setLastModifiedTime(root.resolve("bin/app"), FileTime.fromMillis(12345));
        ImageBuilder.build(root, spec, folder.resolve("two.tar"));

        assertThat(folder.resolve("one.tar")).hasSameBinaryContentAs(folder.resolve("two.tar"));
    }

    @Test
    void refusesWhatAnImageCannotHoldAndLeavesNothing() throws IOException {
        Path socket = root.resolve("socket");
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Path archive = folder.resolve("image.tar");
            assertThatThrownBy(() -> ImageBuilder.build(root, ImageSpec.of("app:1", List.of()), archive))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(socket.toString());
            assertThat(archive).doesNotExist();
        }
        Files.delete(socket);
        assertThatThrownBy(() -> ImageBuilder.build(
                        folder.resolve("none"), ImageSpec.of("app:1", List.of()), folder.resolve("image.tar")))
                .hasMessageContaining("no folder");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(p -> p.getFileName().toString())).containsExactly("root");
        }
    }

    @Test
    void noticesAFileThatChangesMeanwhile() {
        var tar = new TarWriter(new ByteArrayOutputStream());
        assertThatThrownBy(() -> tar.file("f", 0644, 10, new ByteArrayInputStream(new byte[9])))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("9 bytes instead of 10");
    }

    /// A size that has no room in a header is told by a record before it; the content itself is not needed here.
    @Test
    void tellsTheSizeOfLargeFiles() {
        var out = new ByteArrayOutputStream();
        assertThatThrownBy(() -> new TarWriter(out).file("f", 0644, 9L << 30, new ByteArrayInputStream(new byte[0])))
                .isInstanceOf(IOException.class);
        assertThat(out.toString(StandardCharsets.ISO_8859_1)).contains("19 size=9663676416\n");
    }

    private Path extracted(Path archive) throws Exception {
        Path into = Files.createTempDirectory(folder, "extracted");
        Process tar = new ProcessBuilder("tar", "-xpf", archive.toString(), "-C", into.toString())
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).isZero();
        return into;
    }

    private static Path layer(Path outer) throws IOException {
        try (Stream<Path> blobs = Files.list(outer.resolve("blobs/sha256"))) {
            return blobs.max(Comparator.comparingLong(p -> p.toFile().length())).orElseThrow();
        }
    }

    private static String blobs(Path outer) throws IOException {
        var all = new StringBuilder();
        try (Stream<Path> blobs = Files.list(outer.resolve("blobs/sha256"))) {
            for (Path blob : blobs.toList()) {
                all.append(Files.readString(blob, StandardCharsets.ISO_8859_1));
            }
        }
        return all.toString();
    }
}
