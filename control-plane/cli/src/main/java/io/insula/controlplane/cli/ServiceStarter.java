package io.insula.controlplane.cli;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.home.Ports;
import io.insula.controlplane.process.BrokerClassPath;
import io.insula.controlplane.process.EtcdProcess;
import io.insula.controlplane.service.ServiceFile;
import io.insula.controlplane.service.ServiceMain;
import io.insula.controlplane.service.ServiceOptions;
import io.insula.process.Detached;
import io.insula.process.Survivors;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Starts the service's process and tells how it comes along. Everything that can be refused is refused before
/// anything is changed.
final class ServiceStarter {

    private static final Duration DOWN_WITHIN = Duration.ofSeconds(90);
    private static final Duration LOOK_WHETHER_THERE = Duration.ofMillis(50);

    private final Home home;
    private final ServiceOptions options;

    ServiceStarter(Home home, ServiceOptions options) {
        this.home = home;
        this.options = options;
    }

    /// Runs the service as this process's child, its log on our output, until it ends by itself, by `insula
    /// down`, or because this process is told to (SIGTERM, SIGINT). Answers its exit code: 0 after a clean stop.
    int runInForeground() {
        check();
        Process service = launchAlone(
                new ProcessBuilder(serviceCommand()).redirectErrorStream(true).inheritIO());
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("insula-stop").unstarted(() -> stop(service)));
        try {
            return service.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    /// Follows the start to its end, however long that takes: it fails only when the service's process has ended.
    /// Answers whether it was started; false when it was up already.
    ///
    /// @param timeout how long to follow it; zero for as long as it takes
    boolean startInBackground(Duration timeout, Consumer<String> progress) {
        home.requireOwn();
        if (isReady() || isThere()) {
            requireSameOptions();
        }
        if (isReady()) {
            return false;
        }
        if (!isThere()) {
            check();
            AtomicFiles.folder(home.logs());
            try (var _ = turn()) {
                // Whoever had the turn before us may have started it.
                if (!isThere() && !isReady()) {
                    launch(new ProcessBuilder(Detached.command(serviceCommand()))
                            .directory(home.root().toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(
                                    home.serviceLog().toFile())));
                }
            } catch (IOException e) {
                throw new CommandException("cannot lock " + home.startLock() + ": " + e.getMessage(), e);
            }
        }
        follow(timeout, progress);
        return true;
    }

    private Process launchAlone(ProcessBuilder builder) {
        AtomicFiles.folder(home.logs());
        try (var _ = turn()) {
            if (isThere()) {
                throw new CommandException(
                        "Insula runs in " + home.root() + " already: type `" + home.command("down") + "` first");
            }
            return launch(builder);
        } catch (IOException e) {
            throw new CommandException("cannot lock " + home.startLock() + ": " + e.getMessage(), e);
        }
    }

    private boolean isReady() {
        return ServiceFile.read(home)
                .filter(ServiceFile::isRunning)
                .filter(ServiceFile::ready)
                .isPresent();
    }

    private boolean isThere() {
        return !Survivors.withArgument(ServiceFile.markerOf(home)).isEmpty();
    }

    /// Options take effect at a start only: whoever gives others to one that runs must learn that they do not.
    private void requireSameOptions() {
        Map<String, String> running = runningOptions();
        var other = new LinkedHashMap<>(options.given());
        Map<String, String> defaults = Map.of("listen", "127.0.0.1", "admin-port", "0");
        other.entrySet()
                .removeIf(o -> running.getOrDefault(o.getKey(), defaults.getOrDefault(o.getKey(), ""))
                        .equals(o.getValue()));
        if (other.isEmpty() && !options.newPorts() && !options.changeHost()) {
            return;
        }
        String typed = ServiceOptions.typed(other)
                + (options.newPorts() ? " --new-ports" : "")
                + (options.changeHost() ? " --change-host" : "");
        String now = ServiceOptions.typed(running);
        throw new CommandException("Insula runs in " + home.root() + " already, with "
                + (now.isEmpty() ? "the default options" : now) + ": other options take effect when it is started anew:"
                + " type `" + home.command("down") + "` and then `" + home.command("up " + typed.strip())
                + "`; nothing was changed");
    }

    /// Those of the process, which may not have remembered them yet; what is remembered where it is no process.
    private Map<String, String> runningOptions() {
        return Survivors.withArgument(ServiceFile.markerOf(home)).stream()
                .findFirst()
                .map(service -> ServiceMain.options(service.arguments()).chosen())
                .orElseGet(() -> HomeState.open(home).options());
    }

    private void check() {
        home.requireOwn();
        HomeState state = HomeState.open(home);
        // Homes of releases that did not remember options have an embedded host where it has a folder.
        options.requireGivenHostIsKnown(
                state.options(), Files.exists(home.host().resolve("etcd")));
        options.completeWith(state.options());
        options.check();
        EtcdProcess.binary();
        if (options.kafka().isEmpty()) {
            BrokerClassPath.given();
        }
        var ports = new Ports(state, options.listening());
        ports.requireLocalAddress();
        if (isThere()) {
            return;
        }
        if (!options.newPorts()) {
            state.port("admin").ifPresent(port -> ports.requireFree("admin API", port));
            state.port("host/api").ifPresent(port -> ports.requireFree("host API", port));
        }
        if (options.adminPort() != 0) {
            ports.requireFree("admin API", options.adminPort());
        }
    }

    /// One starter at a time; the others wait.
    private AutoCloseableChannel turn() throws IOException {
        var channel = FileChannel.open(home.startLock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var _ = channel.lock();
        return channel::close;
    }

    private interface AutoCloseableChannel extends AutoCloseable {
        @Override
        void close() throws IOException;
    }

    private List<String> serviceCommand() {
        return ServiceCommand.of(home, AotCache.given().map(AotCache::using).orElse(List.of()), options.asArguments());
    }

    private Process launch(ProcessBuilder builder) {
        AtomicFiles.write(home.progressFile(), "");
        try {
            return builder.redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
        } catch (IOException e) {
            throw new CommandException("cannot start the service: " + e.getMessage(), e);
        }
    }

    /// In a shutdown hook: ends this JVM with the service's own exit code, not with the signal's.
    private static void stop(Process service) {
        service.destroy();
        try {
            if (!service.waitFor(DOWN_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                service.destroyForcibly();
                Runtime.getRuntime().halt(1);
            }
            Runtime.getRuntime().halt(service.exitValue());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow(Duration timeout, Consumer<String> progress) {
        var told = new AtomicBoolean();
        var goesOn = Thread.ofPlatform().name("insula-goes-on").unstarted(() -> {
            if (!told.get()) {
                System.err.println("The service goes on starting in the background: `" + home.command("status")
                        + "` shows how far it is, `" + home.command("down") + "` stops it.");
            }
        });
        Runtime.getRuntime().addShutdownHook(goesOn);
        try {
            followToTheEnd(timeout, progress);
        } finally {
            told.set(true);
        }
    }

    private void followToTheEnd(Duration timeout, Consumer<String> progress) {
        Instant begin = Instant.now();
        int told = 0;
        int missing = 0;
        while (timeout.isZero() || Instant.now().isBefore(begin.plus(timeout))) {
            boolean ready = isReady();
            List<String> lines = lines();
            for (; told < lines.size(); told++) {
                String line = lines.get(told);
                if (line.startsWith(ServiceMain.FAILED)) {
                    awaitEnd();
                    throw new CommandException(
                            line.substring(ServiceMain.FAILED.length()).strip());
                }
                progress.accept(line);
            }
            if (ready) {
                return;
            }
            missing = isThere() ? 0 : missing + 1;
            if (missing > 10) {
                throw new CommandException(
                        "the service ended while starting; the end of " + home.serviceLog() + ":\n" + tail());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        throw new CommandException("the service is not ready after " + timeout.toSeconds()
                + " s and goes on starting: `" + home.command("status")
                + "` shows how far it is, `" + home.command("down") + "` stops it");
    }

    /// A service that failed ends its children first: only then is the home free for the next attempt.
    private void awaitEnd() {
        var waiting = Waiting.upTo(DOWN_WITHIN, LOOK_WHETHER_THERE);
        while (isThere() && !waiting.isOver()) {
            waiting.pause();
        }
    }

    private List<String> lines() {
        try {
            String text = Files.readString(home.progressFile(), StandardCharsets.UTF_8);
            int end = text.lastIndexOf('\n');
            return end < 0 ? List.of() : text.substring(0, end).lines().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private String tail() {
        try {
            List<String> all = Files.readAllLines(home.serviceLog(), StandardCharsets.UTF_8);
            return String.join("\n", all.subList(Math.max(0, all.size() - 10), all.size()));
        } catch (IOException e) {
            return "(no log)";
        }
    }
}
