package io.insula.controlplane.cli;

import io.insula.tenantapi.api.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `insula host`.
@Command(name = "host", description = "The host cluster.")
final class HostCommands {

    @ParentCommand
    private Insula insula = new Insula();

    @Command(name = "kubeconfig", description = "Prints a kubeconfig of the host cluster.")
    int kubeconfig(
            @Option(
                            names = "--user",
                            paramLabel = "USER",
                            defaultValue = "admin",
                            description = "Whose (default: admin).")
                    String user) {
        try (var admin = AdminClient.connect(insula.home())) {
            System.out.print(admin.post("/v1/host/kubeconfig", Json.object().put("user", user))
                    .path("kubeconfig")
                    .asText());
        }
        return 0;
    }
}
