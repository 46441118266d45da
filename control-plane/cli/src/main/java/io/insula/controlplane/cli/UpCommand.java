package io.insula.controlplane.cli;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.service.ServiceFile;
import io.insula.controlplane.service.ServiceOptions;
import io.micronaut.context.annotation.Prototype;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `insula up`.
@Prototype
@Command(name = "up", description = "Starts everything in the background; finds what runs already.")
final class UpCommand implements InsulaCommand, Callable<Integer> {

    @ParentCommand
    private Insula insula = new Insula();

    @Mixin
    private ServiceOptions options = new ServiceOptions();

    @Option(
            names = "--foreground",
            description = "Stays in the foreground, for service managers: the log is on standard output, SIGTERM stops"
                    + " cleanly.")
    private boolean foreground;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description = "Stops following the start after this time, with exit code 1; the service goes on starting"
                    + " (default: follows until all is ready or the service has ended).")
    private int timeoutSeconds;

    @Override
    public int order() {
        return 10;
    }

    @Override
    public Integer call() {
        if (timeoutSeconds < 0) {
            throw new CommandException(
                    "--timeout: " + timeoutSeconds + " (expected: >= 0 seconds); nothing was changed");
        }
        Home home = insula.home();
        var starter = new ServiceStarter(home, options);
        if (foreground) {
            return starter.runInForeground();
        }
        boolean started = starter.startInBackground(Duration.ofSeconds(timeoutSeconds), System.out::println);
        ServiceFile service = ServiceFile.read(home).orElseThrow();
        System.out.printf(
                "Insula %s: admin API at %s%n", started ? "is up" : "was up already", service.publicEndpoint());
        System.out.println("Next:");
        System.out.println("  ./" + home.command("demo"));
        System.out.println("  ./" + home.command("tenant create NAME --profile gvisor"));
        System.out.println("  ./" + home.command("tenant kubeconfig NAME") + " > NAME.kubeconfig"
                + " && kubectl --kubeconfig NAME.kubeconfig get ns");
        Training.begin(home);
        return 0;
    }
}
