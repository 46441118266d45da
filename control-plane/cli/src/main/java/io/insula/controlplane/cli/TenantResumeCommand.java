package io.insula.controlplane.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `insula tenant resume`.
@Command(name = "resume", description = "Lets a suspended tenant be written again.")
final class TenantResumeCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "NAME")
    private String name = "";

    @Override
    public Integer call() {
        TenantRequests.suspend(Objects.requireNonNull(spec), name, false);
        System.out.println("tenant " + name + " can be written again");
        return 0;
    }
}
