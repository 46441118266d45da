package io.insula.it.bench;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.process.BrokerClassPath;
import io.insula.controlplane.process.KafkaProcess;
import io.insula.controlplane.service.ServiceFile;
import io.insula.it.bench.StartBench.Cpu;
import io.insula.process.Survivors;
import io.insula.process.Survivors.Survivor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/// A service with simulated nodes in a home of its own, used by its command, each a process as users have it. Confined
/// to one thread.
final class StartedService implements AutoCloseable {

    /// Names a file with the class path of the product that the launcher runs.
    private static final String PRODUCT = "insula.product.classpath";

    private static final Pattern TOOK = Pattern.compile("\\((\\d+\\.\\d) s\\)");

    private final Home home;
    private final List<String> flags;
    private final Thread atExit = new Thread(this::down, "bench-cleanup");
    private double answered;
    private double ready;

    private StartedService(Home home, List<String> flags) {
        this.home = home;
        this.flags = flags;
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /// @param flags of the command's JVM
    static StartedService of(Path folder, List<String> flags) {
        return new StartedService(new Home(folder), flags);
    }

    /// Starts it and waits until it is ready.
    void start() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        Process up = process("up", "--nodes=simulated");
        while (up.isAlive() && ServiceFile.read(home).isEmpty()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        answered = (System.nanoTime() - begin) / 1e9;
        while (up.isAlive() && ServiceFile.read(home).filter(ServiceFile::ready).isEmpty()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        ready = (System.nanoTime() - begin) / 1e9;
        output(up);
    }

    /// Seconds from the start until the admin API answered.
    double answered() {
        return answered;
    }

    /// Seconds from the start until all was ready.
    double ready() {
        return ready;
    }

    /// Makes a tenant.
    ///
    /// @return seconds from the request until it was ready, as the command counts them
    double tenant(String name) throws IOException, InterruptedException {
        String said = command("tenant", "create", name);
        var took = TOOK.matcher(said);
        if (!took.find()) {
            throw new IOException("not understood: " + said);
        }
        return Double.parseDouble(took.group(1));
    }

    /// What it has used so far, without processes that have ended.
    Cpu cpu() {
        List<Survivor> service = Survivors.withArgument(ServiceFile.markerOf(home));
        return new Cpu(
                seconds(service),
                seconds(Survivors.withArgumentPrefix("--data-dir=" + home.root() + "/")),
                seconds(Survivors.withArgument(KafkaProcess.marker(home.kafka()))),
                service.stream()
                                .mapToLong(
                                        each -> CompilerTime.nanos(each.handle().pid()))
                                .sum()
                        / 1e9);
    }

    Home home() {
        return home;
    }

    /// The process of the service itself.
    ///
    /// @throws IllegalStateException when it does not run
    long pid() {
        return Survivors.withArgument(ServiceFile.markerOf(home)).stream()
                .map(each -> each.handle().pid())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no service runs in " + home));
    }

    /// Runs a command to its end.
    ///
    /// @return its standard output
    /// @throws IOException when it fails
    String command(String... words) throws IOException, InterruptedException {
        return output(process(words));
    }

    @Override
    public void close() {
        down();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    private void down() {
        try {
            command("down");
        } catch (IOException e) {
            System.err.println("bench: not ended: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Process process(String... words) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseCompactObjectHeaders",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(flags);
        command.addAll(BrokerClassPath.jvmArguments());
        command.addAll(List.of("-cp", product(), "io.insula.controlplane.cli.Insula"));
        command.addAll(List.of(words));
        command.addAll(List.of("--home", home.root().toString()));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static String product() throws IOException {
        String file = System.getProperty(PRODUCT);
        if (file == null) {
            throw new IOException("-D" + PRODUCT + " is missing: start by `./insula bench start`");
        }
        return Files.readString(Path.of(file)).strip();
    }

    private static String output(Process process) throws IOException, InterruptedException {
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("exit code " + process.exitValue() + ": " + said);
        }
        return said;
    }

    private static double seconds(List<Survivor> processes) {
        return processes.stream()
                .mapToDouble(each -> each.handle()
                                .info()
                                .totalCpuDuration()
                                .orElse(Duration.ZERO)
                                .toMillis()
                        / 1000.0)
                .sum();
    }
}
