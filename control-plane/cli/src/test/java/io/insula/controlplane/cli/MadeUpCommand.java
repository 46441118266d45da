package io.insula.controlplane.cli;

import io.micronaut.context.annotation.Prototype;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// What somebody writes who adds a command.
@Prototype
@Command(name = "made-up", description = "Says where its home is.")
final class MadeUpCommand implements InsulaCommand, Callable<Integer> {

    @ParentCommand
    private Insula insula = new Insula();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public int order() {
        return 1000;
    }

    @Override
    public Integer call() {
        spec.commandLine().getOut().println("home: " + insula.home().root());
        return 0;
    }
}
