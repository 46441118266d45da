package io.insula.controlplane.cli;

import io.micronaut.context.annotation.Prototype;
import picocli.CommandLine.Command;

/// `insula host`.
@Prototype
@Command(name = "host", description = "The host cluster.", subcommands = HostKubeconfigCommand.class)
final class HostCommands implements InsulaCommand {

    @Override
    public int order() {
        return 60;
    }
}
