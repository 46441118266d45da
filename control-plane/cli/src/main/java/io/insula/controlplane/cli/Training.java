package io.insula.controlplane.cli;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.process.BrokerClassPath;
import io.insula.controlplane.process.KafkaProcess;
import io.insula.controlplane.service.ServiceFile;
import io.insula.process.Detached;
import io.insula.process.Survivors;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Makes the service's ahead-of-time cache: starts a service of its own, in a home below the given one's cache, with
/// simulated nodes, gives it work, and ends it; the JVM writes the cache as it ends. No tenant of anybody's is in that
/// process. Ends within a bounded time and leaves nothing but the cache.
final class Training implements AutoCloseable {

    private static final String MARKER = "-Dinsula.training=";
    private static final Path NICE = Path.of("/usr/bin/nice");

    /// Of a machine that has other work, at the lowest priority.
    private static final Duration READY_WITHIN = Duration.ofMinutes(5);

    private static final Duration WRITTEN_WITHIN = Duration.ofMinutes(5);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(20);
    private static final Duration LOOK = Duration.ofMillis(100);

    private final Home home;
    private final AotCache cache;
    private final Process service;

    private Training(Home home, AotCache cache) throws IOException {
        this.home = home;
        this.cache = cache;
        Home own = ownHome(home);
        List<String> command = ServiceCommand.of(own, cache.making(), List.of("--nodes=simulated"));
        AtomicFiles.deleteTree(cache.workFolder());
        AtomicFiles.folder(cache.workFolder());
        AtomicFiles.folder(own.logs());
        this.service = new ProcessBuilder(Detached.command(command))
                .redirectErrorStream(true)
                .redirectOutput(own.serviceOutput().toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
    }

    /// Begins to make a cache in the background, where there could be one and is none. Nobody waits for it.
    static void begin(Home home) {
        if (AotCache.given().filter(cache -> !cache.exists()).isEmpty()) {
            return;
        }
        var command = new ArrayList<String>();
        if (Files.isExecutable(NICE)) {
            command.addAll(List.of(NICE.toString(), "-n", "19"));
        }
        command.addAll(List.of(ServiceCommand.java(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(AotCache.property());
        command.addAll(BrokerClassPath.jvmArguments());
        command.add(MARKER + home.root());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Insula.class.getName(), "train"));
        command.addAll(List.of("--home", home.root().toString()));
        try {
            new ProcessBuilder(Detached.command(command))
                    .directory(home.root().toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(home.logs().resolve("training.log").toFile())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .start();
        } catch (IOException e) {
            System.err.println("The service's cache is not made (" + e.getMessage() + "): starts stay as slow as this");
        }
    }

    /// Ends one that is under way for this home, and what a killed one left.
    static void end(Home home) {
        Survivors.withArgument(MARKER + home.root())
                .forEach(training -> Survivors.stop(training.handle(), STOP_WITHIN));
        removeRemains(home);
    }

    /// Makes the cache.
    ///
    /// @param rounds how much work the service gets
    /// @return whether it was made; false where another process makes it now
    /// @throws CommandException when the service does not start or does not make one
    static boolean make(Home home, AotCache cache, int rounds) {
        try (var channel = FileChannel.open(cache.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var lock = channel.tryLock()) {
            if (lock == null) {
                return false;
            }
            removeRemains(home);
            try (var training = new Training(home, cache)) {
                training.run(rounds);
            }
            return true;
        } catch (IOException e) {
            throw new CommandException("the service's cache cannot be made: " + e.getMessage(), e);
        }
    }

    private void run(int rounds) throws IOException {
        var atExit = Thread.ofPlatform().name("insula-training-end").unstarted(this::close);
        Runtime.getRuntime().addShutdownHook(atExit);
        Home own = ownHome(home);
        await(
                "ready",
                READY_WITHIN,
                () -> ServiceFile.read(own).filter(ServiceFile::ready).isPresent());
        new TrainingWork(own).run(rounds);
        service.destroy();
        await("ended", WRITTEN_WITHIN, () -> !service.isAlive());
        if (service.exitValue() != 0 || !Files.exists(cache.unfinished())) {
            throw new CommandException("the service ended with exit code " + service.exitValue() + " and "
                    + (Files.exists(cache.unfinished()) ? "a" : "no") + " cache");
        }
        Files.move(cache.unfinished(), cache.file(), StandardCopyOption.ATOMIC_MOVE);
        for (Path other : cache.others()) {
            Files.deleteIfExists(other);
        }
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    private interface Condition {
        boolean holds();
    }

    private void await(String what, Duration patience, Condition condition) {
        var waiting = Waiting.upTo(patience, LOOK);
        while (!condition.holds()) {
            if (!service.isAlive()) {
                throw new CommandException(
                        "the service that makes the cache ended by itself, with exit code " + service.exitValue());
            }
            waiting.pauseOr(
                    () -> "the service that makes the cache is not " + what + " after " + patience.toSeconds() + " s");
        }
    }

    /// Nothing of it is worth a clean stop. Idempotent.
    @Override
    public synchronized void close() {
        kill(service.toHandle());
        removeRemains(home);
        AtomicFiles.deleteTree(cache.workFolder());
    }

    private static void removeRemains(Home home) {
        Home own = ownHome(home);
        Stream.of(
                        Survivors.withArgument(ServiceFile.markerOf(own)),
                        Survivors.withArgumentPrefix("--data-dir=" + own.root() + "/"),
                        Survivors.withArgument(KafkaProcess.marker(own.kafka())))
                .flatMap(List::stream)
                .forEach(left -> kill(left.handle()));
        AtomicFiles.deleteTree(own.root());
    }

    /// With its children, of which one writes the cache and has no argument that tells whose it is.
    private static void kill(ProcessHandle process) {
        List<ProcessHandle> children = process.descendants().toList();
        Stream.concat(Stream.of(process), children.stream())
                .filter(ProcessHandle::isAlive)
                .forEach(each -> Survivors.stop(each, Duration.ZERO));
    }

    private static Home ownHome(Home home) {
        return new Home(home.cache().resolve("training"));
    }
}
