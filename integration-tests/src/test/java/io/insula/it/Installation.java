package io.insula.it;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.controlplane.process.BrokerClassPath;
import io.insula.controlplane.process.OneKafka;
import java.io.File;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One Insula in a home folder of its own, used through its command as a user would: each call is a process.
final class Installation implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /// What the product has, without the tests and their settings.
    private static final String CLASS_PATH = Stream.of(
                    System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(entry -> !entry.endsWith("test-classes") && !entry.endsWith("-tests.jar"))
            .filter(entry -> !entry.isEmpty() && Files.exists(Path.of(entry)))
            .collect(Collectors.joining(File.pathSeparator));

    /// Runs a command whose services take and keep classes.
    private static final List<String> KEEPING_CLASSES = List.of(
            "/usr/bin/env",
            "INSULA_JVM_FLAGS=" + System.getenv().getOrDefault("INSULA_JVM_FLAGS", "") + " "
                    + String.join(" ", classesKept("service")));

    private final Path home;
    private final String nodes;
    private @Nullable OneKafka kafka;

    /// With simulated nodes, whatever this machine could have.
    Installation() {
        this("simulated");
    }

    /// @param nodes those of the embedded host, as `up --nodes` takes it
    Installation(String nodes) {
        this.nodes = nodes;
        try {
            home = Files.createTempDirectory("insula-it-home");
        } catch (IOException e) {
            throw new IllegalStateException("no temporary folder", e);
        }
    }

    /// The same with no broker of its own.
    Installation with(OneKafka shared) {
        kafka = shared;
        return this;
    }

    Path home() {
        return home;
    }

    /// `insula WORDS --home HOME`.
    Run insula(String... words) {
        return insulaAfter(KEEPING_CLASSES, words);
    }

    /// `PREFIX insula WORDS --home HOME`, for a prefix that runs a command in another way.
    Run insulaAfter(List<String> prefix, String... words) {
        var command = new ArrayList<>(prefix);
        command.addAll(command(words));
        return Run.of(command, "", PATIENCE);
    }

    /// Starts `insula WORDS --home HOME` and does not wait; standard output and error go to `log`.
    Process start(Path log, String... words) {
        return start(log, KEEPING_CLASSES, words);
    }

    /// The same for a prefix that runs a command in another way.
    Process start(Path log, List<String> prefix, String... words) {
        var command = new ArrayList<>(prefix);
        command.addAll(command(words));
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new IllegalStateException("insula does not start", e);
        }
    }

    private List<String> command(String... words) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(classesKept("command"));
        command.addAll(BrokerClassPath.jvmArguments());
        command.addAll(List.of("-cp", CLASS_PATH, "io.insula.controlplane.cli.Insula"));
        command.addAll(List.of(words));
        if (words[0].equals("up") && !List.of(words).contains("--host-kubeconfig")) {
            command.add("--nodes=" + nodes);
        }
        if (words[0].equals("up") && kafka != null) {
            command.addAll(kafka.options(home));
        }
        command.addAll(List.of("--home", home.toString()));
        return command;
    }

    /// Flags of a JVM that takes the classes which one before it kept, or keeps its own: a third of a start's work.
    private static List<String> classesKept(String name) {
        String file = Path.of("target", name + ".jsa").toAbsolutePath().toString();
        // flags of services are told apart by blanks
        return file.contains(" ")
                ? List.of()
                : List.of(
                        "-XX:+AutoCreateSharedArchive",
                        "-XX:SharedArchiveFile=" + file,
                        "-Xlog:cds*=off",
                        "-Xlog:aot*=off");
    }

    /// Makes a tenant and answers kubectl with a kubeconfig of its own.
    Kubectl tenant(String name, String profile) {
        insula("tenant", "create", name, "--profile", profile).ok();
        return kubectl(name);
    }

    Kubectl kubectl(String tenant) {
        return kubectl(tenant, insula("tenant", "kubeconfig", tenant).ok());
    }

    /// A client of a tenant that tells of every failure instead of trying again.
    KubernetesClient client(String tenant) {
        return client(kubectl(tenant));
    }

    /// A client with a kubectl's kubeconfig that tells of every failure instead of trying again.
    static KubernetesClient client(Kubectl kubectl) {
        try {
            Config config = Config.fromKubeconfig(Files.readString(kubectl.kubeconfig()));
            config.setRequestRetryBackoffLimit(0);
            config.setRequestTimeout((int) PATIENCE.toMillis());
            return new KubernetesClientBuilder().withConfig(config).build();
        } catch (IOException e) {
            throw new IllegalStateException("kubeconfig", e);
        }
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

    /// Kills every process of this installation with SIGKILL, service, etcds and broker, and waits until all
    /// are gone.
    void killEverything() {
        List<ProcessHandle> all = processes("");
        if (all.isEmpty()) {
            throw new IllegalStateException("nothing runs in " + home);
        }
        all.forEach(ProcessHandle::destroyForcibly);
        await("everything is gone", Duration.ofSeconds(20), () -> processes("").isEmpty());
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
        // a node leaves its network and mounts, too
        if (!nodes.equals("simulated") || !processes("").isEmpty()) {
            insula("down");
        }
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
