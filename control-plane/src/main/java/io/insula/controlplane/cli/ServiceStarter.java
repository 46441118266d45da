package io.insula.controlplane.cli;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.home.Ports;
import io.insula.controlplane.process.Detached;
import io.insula.controlplane.process.EtcdProcess;
import io.insula.controlplane.process.Survivors;
import io.insula.controlplane.service.ServiceFile;
import io.insula.controlplane.service.ServiceMain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Starts the service's process and tells how it comes along. Everything that can be refused is refused before anything
/// is
/// changed.
final class ServiceStarter {

    private static final Duration UP_WITHIN = Duration.ofMinutes(4);

    private final Home home;
    private final ServiceOptions options;

    ServiceStarter(Home home, ServiceOptions options) {
        this.home = home;
        this.options = options;
    }

    /// Runs the service in this process until it is told to end.
    int runHere() {
        check();
        return ServiceMain.run(home, options);
    }

    /// Answers whether it was started; false when it ran already.
    boolean startInBackground(Consumer<String> progress) {
        if (ServiceFile.read(home).filter(ServiceFile::isRunning).isPresent()) {
            return false;
        }
        if (Survivors.withArgument(ServiceFile.markerOf(home)).isEmpty()) {
            check();
            AtomicFiles.write(home.progressFile(), "");
            launch();
        }
        follow(progress);
        return true;
    }

    private void check() {
        if (Files.exists(home.root()) && !Files.isDirectory(home.root())) {
            throw new CommandException(home.root() + " is a file: choose a folder with --home; nothing was changed");
        }
        if (options.hostKubeconfig() == null || !Files.isReadable(options.hostKubeconfig())) {
            if (options.hostKubeconfig() != null) {
                throw new CommandException(
                        "--host-kubeconfig: cannot read " + options.hostKubeconfig() + "; nothing was changed");
            }
        }
        EtcdProcess.binary();
        HomeState state = HomeState.open(home);
        if (!options.newPorts()) {
            var ports = new Ports(state, options.listen());
            state.port("admin").ifPresent(port -> ports.requireFree("admin API", port));
            state.port("host/api").ifPresent(port -> ports.requireFree("host API", port));
        }
        if (options.adminPort() != 0) {
            new Ports(state, options.listen()).requireFree("admin API", options.adminPort());
        }
    }

    private void launch() {
        var command = new ArrayList<String>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(ServiceMain.jvmArguments());
        command.add(ServiceFile.markerOf(home));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ServiceMain.class.getName()));
        command.addAll(List.of("--home", home.root().toString()));
        command.addAll(options.asArguments());
        AtomicFiles.folder(home.logs());
        try {
            new ProcessBuilder(Detached.command(command))
                    .directory(home.root().toFile())
                    .redirectInput(ProcessBuilder.Redirect.from(
                            java.nio.file.Path.of("/dev/null").toFile()))
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(home.serviceLog().toFile()))
                    .start();
        } catch (IOException e) {
            throw new CommandException("cannot start the service: " + e.getMessage(), e);
        }
    }

    private void follow(Consumer<String> progress) {
        Instant deadline = Instant.now().plus(UP_WITHIN);
        int told = 0;
        int missing = 0;
        while (Instant.now().isBefore(deadline)) {
            boolean ready =
                    ServiceFile.read(home).filter(ServiceFile::isRunning).isPresent();
            List<String> lines = lines();
            for (; told < lines.size(); told++) {
                String line = lines.get(told);
                if (line.startsWith(ServiceMain.FAILED)) {
                    throw new CommandException(
                            line.substring(ServiceMain.FAILED.length()).strip());
                }
                progress.accept(line);
            }
            if (ready) {
                return;
            }
            missing = Survivors.withArgument(ServiceFile.markerOf(home)).isEmpty() ? missing + 1 : 0;
            if (missing > 10) {
                throw new CommandException(
                        "the service ended while starting; the end of " + home.serviceLog() + ":\n" + tail());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        throw new CommandException(
                "the service is not ready after " + UP_WITHIN.toSeconds() + " s; see " + home.serviceLog());
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
