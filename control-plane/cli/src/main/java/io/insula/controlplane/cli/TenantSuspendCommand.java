package io.insula.controlplane.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `insula tenant suspend`.
@Command(
        name = "suspend",
        description = {
            "Makes a tenant read-only, whoever asks: its administrators and its own system:masters included.",
            "Its API server answers reads and watches, and refuses everything else with 403: writes, dry runs, new"
                    + " tokens, exec, attach, port-forward and proxy.",
            "Its pods go on, and so do Insula's controllers and the syncer. Controllers of the tenant's own stand"
                    + " still, as they cannot write.",
            "It stays so over restarts, sleep and restores, until `insula tenant resume NAME`."
        })
final class TenantSuspendCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "NAME")
    private String name = "";

    @Override
    public Integer call() {
        TenantRequests.suspend(Objects.requireNonNull(spec), name, true);
        System.out.println("tenant " + name + " is suspended: it can be read, and its pods go on");
        return 0;
    }
}
