package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.home.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The launcher on machines that lack something: the `PATH` holds this machine's programs but those that are to
/// lack.
final class LauncherTest {

    private static final Set<String> PACKAGE_TOOLS = Set.of("apt-get", "apt-cache", "sudo");

    @TempDir
    private Path folder;

    private Path programs = Path.of("bin");
    private Path home = Path.of("home");

    @BeforeEach
    void makeFolders() throws IOException {
        programs = Files.createDirectory(folder.resolve("bin"));
        home = folder.resolve("home");
        for (Path from : List.of(Path.of("/usr/bin"), Path.of("/bin"))) {
            try (Stream<Path> all = Files.list(from)) {
                for (Path program : all.toList()) {
                    String name = program.getFileName().toString();
                    Path link = programs.resolve(name);
                    if (!name.startsWith("etcd") && !PACKAGE_TOOLS.contains(name) && !Files.exists(link)) {
                        Files.createSymbolicLink(link, program);
                    }
                }
            }
        }
    }

    /// JUnit would warn of each link.
    @AfterEach
    void removeLinks() {
        AtomicFiles.deleteTree(programs);
    }

    @Test
    void saysWhatToDoWhereThereIsNoEtcdAndNoPackageManager() {
        assertThat(up().failed())
                .contains("etcd-server is missing", "put an etcd 3.4 or later on the PATH", "INSULA_ETCD");
        assertThat(home).doesNotExist();
    }

    @Test
    void saysWhatToTypeWhereEtcdCannotBeInstalled() throws IOException {
        program("apt-cache", "exit 0");
        program("apt-get", "echo 'E: you are not root, and nobody can write here' >&2; exit 100");

        assertThat(up().failed())
                .contains("nobody can write here", "type `apt-get install etcd-server` as root", "Nothing was changed");
        assertThat(home).doesNotExist();
    }

    @Test
    void saysSoWhereTheDistributionHasNoEtcd() throws IOException {
        program("apt-cache", "exit 100");
        program("apt-get", "exit 0");

        assertThat(up().failed()).contains("this distribution has no such package");
        assertThat(home).doesNotExist();
    }

    private Run up() {
        var command = new ArrayList<>(List.of(
                "/usr/bin/env",
                "PATH=" + programs,
                "JAVA_HOME=" + System.getProperty("java.home"),
                "INSULA_ETCD=",
                "/bin/bash",
                launcher().toString(),
                "up",
                "--home",
                home.toString()));
        return Run.of(command, "", Duration.ofMinutes(2));
    }

    private void program(String name, String script) throws IOException {
        Path file = Files.writeString(programs.resolve(name), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path launcher() {
        // Tests run in their module's folder.
        Path launcher = Path.of("..", "insula").toAbsolutePath().normalize();
        assertThat(launcher).isExecutable();
        return launcher;
    }
}
