package io.insula.controlplane.cli;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.process.KafkaProcess;
import io.insula.controlplane.service.HomeNodes;
import io.insula.controlplane.service.ServiceFile;
import io.insula.process.Survivors;
import io.micronaut.context.annotation.Prototype;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `insula down`.
@Prototype
@Command(name = "down", description = "Stops everything cleanly; nothing is lost.")
final class DownCommand implements InsulaCommand, Callable<Integer> {

    private static final Duration SERVICE_WITHIN = Duration.ofSeconds(90);
    private static final Duration CHILD_WITHIN = Duration.ofSeconds(20);

    @ParentCommand
    private Insula insula = new Insula();

    @Override
    public int order() {
        return 20;
    }

    @Override
    public Integer call() {
        Home home = insula.home();
        home.requireOwn();
        Training.end(home);
        int stopped = 0;
        for (var service : Survivors.withArgument(ServiceFile.markerOf(home))) {
            Survivors.stop(service.handle(), SERVICE_WITHIN);
            stopped++;
        }
        // What a killed service left behind: its containers first, as they use what comes next.
        stopped += HomeNodes.endLeft(home) ? 1 : 0;
        var left = new ArrayList<>(Survivors.withArgumentPrefix("--data-dir=" + home.root() + "/"));
        left.addAll(Survivors.withArgument(KafkaProcess.marker(home.kafka())));
        for (var child : left) {
            Survivors.stop(child.handle(), CHILD_WITHIN);
            stopped++;
        }
        try {
            Files.deleteIfExists(home.serviceFile());
        } catch (IOException e) {
            throw new CommandException("cannot remove " + home.serviceFile() + ": " + e.getMessage(), e);
        }
        System.out.println(
                stopped == 0 ? "nothing ran in " + home.root() : "Insula is down; all data is in " + home.root());
        return 0;
    }
}
