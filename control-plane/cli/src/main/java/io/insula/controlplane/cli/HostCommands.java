package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.micronaut.context.annotation.Prototype;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `insula host`.
@Prototype
@Command(name = "host", description = "The host cluster.")
final class HostCommands implements InsulaCommand {

    @ParentCommand
    private Insula insula = new Insula();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public int order() {
        return 60;
    }

    @Command(
            name = "kubeconfig",
            description = {
                "Prints a kubeconfig of the host cluster, with a client certificate of its own.",
                "Without options it is that of user admin in the group insula:cluster-admins, for 30 days; where the"
                        + " host is a cluster of yours (up --host-kubeconfig), it is the one that `up` was given, and"
                        + " there are no options."
            })
    int kubeconfig(@Mixin KubeconfigOptions options) {
        try (var admin = AdminClient.connect(insula.home())) {
            ObjectNode request = options.isEmpty() ? Json.object() : options.request(spec);
            System.out.print(KubeconfigOptions.text(admin.post("/v1/host/kubeconfig", request)));
        }
        return 0;
    }
}
