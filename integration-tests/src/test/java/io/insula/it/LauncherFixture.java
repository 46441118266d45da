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

/// The launcher on a machine of the test's own: the `PATH` holds this machine's programs but etcds and package
/// managers, and what the test adds.
final class LauncherFixture implements AutoCloseable {

    /// A part of the tests is Maven's own affair.
    static final String PART = "-Dtest=None";

    private static final Set<String> PACKAGE_TOOLS = Set.of("apt-get", "apt-cache", "sudo");

    private final Path programs;

    /// @param folder empty, and the test's own
    LauncherFixture(Path folder) throws IOException {
        programs = Files.createDirectory(folder.resolve("bin"));
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
    @Override
    public void close() {
        AtomicFiles.deleteTree(programs);
    }

    /// What is on the `PATH`.
    Path programs() {
        return programs;
    }

    /// Runs the launcher.
    ///
    /// @param settings `NAME=VALUE`, for its environment
    Run run(List<String> settings, String... arguments) {
        return run(launcher(), settings, arguments);
    }

    /// Runs a copy of the launcher.
    Run run(Path launcher, List<String> settings, String... arguments) {
        var command = new ArrayList<>(
                List.of("/usr/bin/env", "PATH=" + programs, "JAVA_HOME=" + System.getProperty("java.home")));
        command.addAll(settings);
        command.addAll(List.of("/bin/bash", launcher.toString()));
        command.addAll(List.of(arguments));
        return Run.of(command, "", Duration.ofMinutes(2));
    }

    /// Puts a shell script on the `PATH`.
    void program(String name, String script) throws IOException {
        program(programs, name, script);
    }

    /// Never through a link, which leads to the machine's own program.
    static void program(Path folder, String name, String script) throws IOException {
        Files.deleteIfExists(folder.resolve(name));
        script(folder.resolve(name), script);
    }

    static void script(Path file, String script) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    static Path launcher() {
        // Tests run in their module's folder.
        Path launcher = Path.of("..", "insula").toAbsolutePath().normalize();
        assertThat(launcher).isExecutable();
        return launcher;
    }
}
