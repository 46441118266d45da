package io.insula.controlplane.cli;

import io.micronaut.context.annotation.Prototype;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `insula train`.
@Prototype
@Command(
        name = "train",
        description = "Makes the next starts of the service faster, now: what happens in the background after the first"
                + " `up` of a build.")
final class TrainCommand implements InsulaCommand, Callable<Integer> {

    @ParentCommand
    private Insula insula = new Insula();

    @Option(names = "--rounds", hidden = true, defaultValue = "100", description = "How much work the service gets.")
    private int rounds;

    @Override
    public int order() {
        return 35;
    }

    @Override
    public Integer call() {
        insula.home().requireOwn();
        AotCache cache = AotCache.given()
                .orElseThrow(() -> new CommandException("there is no place for the cache, or the class path holds more"
                        + " than jars: start by the launcher, without INSULA_AOT=off"));
        if (cache.exists()) {
            System.out.println("the cache of this build is there already");
            return 0;
        }
        Instant begin = Instant.now();
        System.out.println(
                Training.make(insula.home(), cache, rounds)
                        ? "made in " + Duration.between(begin, Instant.now()).toSeconds() + " s: " + cache.file()
                        : "another process makes it now");
        return 0;
    }
}
