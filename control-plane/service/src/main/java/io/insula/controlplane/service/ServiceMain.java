package io.insula.controlplane.service;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.pki.MemoryKeyStores;
import io.insula.controlplane.process.EtcdProcess;
import io.insula.process.ChildException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The service as a process: runs until it is told to end (SIGTERM), then stops cleanly.
@Command(name = "insula-service")
public final class ServiceMain implements java.util.concurrent.Callable<Integer> {

    /// Begins the progress line that says why it did not start.
    public static final String FAILED = "FAILED: ";

    private static final Logger LOG = LoggerFactory.getLogger(ServiceMain.class);

    @Option(names = "--home", required = true)
    private @Nullable Path home;

    @Mixin
    private ServiceOptions options = new ServiceOptions();

    public static void main(String[] arguments) {
        MemoryKeyStores.begin();
        System.exit(new CommandLine(new ServiceMain()).execute(arguments));
    }

    /// The flags of the service's JVM. What is run often is compiled anew by the second compiler four times later than
    /// HotSpot would: on two cores a service spends more on that in its first minutes than it gains.
    public static List<String> jvmArguments() {
        return List.of(
                "-XX:+UseCompactObjectHeaders",
                "-Xms128m",
                "-Xmx2g",
                "-XX:+UseSerialGC",
                "-XX:Tier4InvocationThreshold=20000",
                "-XX:Tier4MinInvocationThreshold=2400",
                "-XX:Tier4CompileThreshold=60000",
                "-XX:Tier4BackEdgeThreshold=160000",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow");
    }

    /// The options of a service's process.
    ///
    /// @param command as the system tells it, with JVM and class path
    public static ServiceOptions options(List<String> command) {
        var service = new ServiceMain();
        int own = command.indexOf(ServiceMain.class.getName()) + 1;
        new CommandLine(service)
                .setUnmatchedArgumentsAllowed(true)
                .parseArgs(command.subList(own, command.size()).stream()
                        // The last argument ends with a zero byte of its own.
                        .limit(Math.max(0, command.size() - own - 1L))
                        .toArray(String[]::new));
        return service.options;
    }

    @Override
    public Integer call() {
        if (home == null) {
            throw new IllegalStateException("--home is required");
        }
        return run(new Home(home), options);
    }

    /// Runs the service in this JVM until the JVM is told to end, which ends it with 0. Answers 1 when it
    /// does not start.
    private static int run(Home home, ServiceOptions options) {
        var ended = new CountDownLatch(1);
        var failed = new AtomicBoolean();
        String marker = System.getProperty("insula.home") == null ? "" : ServiceFile.markerOf(home);
        try {
            var wanted = new ServicePlan(
                    home,
                    options.listening(),
                    options.adminPort(),
                    options.newPorts(),
                    options.hostKubeconfig(),
                    options.nodes(),
                    options.hostRanges(),
                    options.egress(),
                    options.oidc().orElse(null),
                    options.kafka().orElse(null),
                    options.backups(home),
                    options.keys().orElse(null),
                    EtcdProcess.QUOTA_BYTES,
                    marker,
                    new ServicePlan.Memory(options.remembered(), options.changeHost()));
            InsulaService service = InsulaService.begin(wanted, line -> append(home, line));
            Runtime.getRuntime()
                    .addShutdownHook(Thread.ofPlatform().name("insula-stop").unstarted(() -> {
                        service.close();
                        LOG.atInfo().log("service stopped");
                        // A stop that was asked for is no failure, whatever the signal's number.
                        Runtime.getRuntime().halt(failed.get() ? 1 : 0);
                    }));
            service.awaitReady();
            LOG.atInfo().addKeyValue("admin", service.adminEndpoint()).log("service is ready");
            ended.await();
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        } catch (StartSteps.StoppedException e) {
            LOG.atInfo().log("stopped while starting");
            return 0;
        } catch (RuntimeException e) {
            failed.set(true);
            LOG.atError().setCause(e).log("service does not start");
            append(home, FAILED + reason(home, e));
            return 1;
        }
    }

    /// One line: ours says itself what to do, anything else is told with its cause and where to read on.
    private static String reason(Home home, RuntimeException e) {
        if (e instanceof HomeException || e instanceof ChildException) {
            return String.valueOf(e.getMessage()).replace('\n', ' ');
        }
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return (e + (e.getCause() == null ? "" : ", because of " + root) + "; see " + home.serviceLog())
                .replace('\n', ' ');
    }

    private static void append(Home home, String line) {
        LOG.atInfo().log(line);
        try {
            AtomicFiles.folder(home.root());
            Files.writeString(
                    home.progressFile(),
                    line + "\n",
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + home.progressFile(), e);
        }
    }
}
