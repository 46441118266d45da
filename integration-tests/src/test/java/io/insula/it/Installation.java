package io.insula.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// One Insula in a home folder of its own, used through its command as a user would: each call is a process.
final class Installation implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Path home;

    Installation() {
        try {
            home = Files.createTempDirectory("insula-it-home");
        } catch (IOException e) {
            throw new IllegalStateException("no temporary folder", e);
        }
    }

    Path home() {
        return home;
    }

    /// `insula WORDS --home HOME`.
    Run insula(String... words) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "io.insula.controlplane.cli.Insula"));
        command.addAll(List.of(words));
        command.addAll(List.of("--home", home.toString()));
        return Run.of(command, "", PATIENCE);
    }

    /// Makes a tenant and answers kubectl with a kubeconfig of its own.
    Kubectl tenant(String name, String profile) {
        insula("tenant", "create", name, "--profile", profile).ok();
        return kubectl(name);
    }

    Kubectl kubectl(String tenant) {
        return kubectl(tenant, insula("tenant", "kubeconfig", tenant).ok());
    }

    Kubectl host() {
        return kubectl("host", insula("host", "kubeconfig").ok());
    }

    /// Kills the service's JVM with SIGKILL and waits until it is gone.
    void killService() {
        List<ProcessHandle> all = processes("io.insula.controlplane.service.ServiceMain");
        if (all.isEmpty()) {
            throw new IllegalStateException("no service runs in " + home);
        }
        all.forEach(ProcessHandle::destroyForcibly);
        await("the service is gone", Duration.ofSeconds(20), () -> all.stream().noneMatch(ProcessHandle::isAlive));
    }

    /// Processes of this installation whose command line holds a text.
    List<ProcessHandle> processes(String text) {
        return ProcessHandle.allProcesses()
                .filter(p -> commandLine(p).contains(home.toString()))
                .filter(p -> commandLine(p).contains(text))
                .toList();
    }

    /// Waits, polling, until a condition holds.
    static void await(String what, Duration patience, BooleanSupplier condition) {
        Instant deadline = Instant.now().plus(patience);
        while (!condition.getAsBoolean()) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("not within " + patience + ": " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
    }

    @Override
    public void close() {
        insula("down");
        processes("").forEach(ProcessHandle::destroyForcibly);
        try (Stream<Path> files = Files.walk(home)) {
            files.sorted(java.util.Comparator.reverseOrder()).forEach(Installation::delete);
        } catch (IOException e) {
            throw new IllegalStateException("cannot remove " + home, e);
        }
    }

    private Kubectl kubectl(String name, String kubeconfig) {
        try {
            return Kubectl.with(Files.writeString(home.resolve("it-" + name + ".kubeconfig"), kubeconfig));
        } catch (IOException e) {
            throw new IllegalStateException("kubeconfig", e);
        }
    }

    /// `/proc` has it whole, unlike `ProcessHandle` where it is long.
    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"), StandardCharsets.UTF_8)
                    .replace('\0', ' ');
        } catch (IOException e) {
            return "";
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new IllegalStateException("cannot remove " + file, e);
        }
    }
}
