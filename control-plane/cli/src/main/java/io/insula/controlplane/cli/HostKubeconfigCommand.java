package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `insula host kubeconfig`.
@Command(
        name = "kubeconfig",
        description = {
            "Prints a kubeconfig of the host cluster, with a client certificate of its own.",
            "Without options it is that of user admin in the group insula:cluster-admins, for 30 days; where the"
                    + " host is a cluster of yours (up --host-kubeconfig), it is the one that `up` was given, and"
                    + " there are no options."
        })
final class HostKubeconfigCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private KubeconfigOptions options = new KubeconfigOptions();

    @Override
    public Integer call() {
        try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
            ObjectNode request = options.isEmpty() ? Json.object() : options.request(spec);
            System.out.print(KubeconfigOptions.text(admin.post("/v1/host/kubeconfig", request)));
        }
        return 0;
    }

    @Command(name = "list", description = "Lists the host's kubeconfigs that have not ended, revoked ones too.")
    int list() {
        try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
            IssuedKubeconfigs.print(admin.get("/v1/host/kubeconfigs"));
        }
        return 0;
    }

    @Command(name = "revoke", description = "Makes kubeconfigs of the host worth nothing, at once.")
    int revoke(@ArgGroup(multiplicity = "1") IssuedKubeconfigs.Which which) {
        try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
            IssuedKubeconfigs.print(admin.post("/v1/host/kubeconfigs/revoke", which.request()));
        }
        return 0;
    }
}
