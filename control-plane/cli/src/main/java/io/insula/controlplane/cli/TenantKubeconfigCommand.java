package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `insula tenant kubeconfig`.
@Command(
        name = "kubeconfig",
        description = {
            "Prints a kubeconfig of the tenant's cluster, with a client certificate of its own.",
            "Without options it is that of user admin in the group insula:cluster-admins, for 30 days.",
            "Of a tenant that is called list or revoke: insula tenant kubeconfig -- NAME."
        })
final class TenantKubeconfigCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "NAME", arity = "0..1")
    private @Nullable String name;

    @Mixin
    private KubeconfigOptions options = new KubeconfigOptions();

    @Override
    public Integer call() {
        String of = TenantArgument.require(spec, name);
        ObjectNode request = options.request(spec);
        try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
            System.out.print(KubeconfigOptions.text(admin.post("/v1/tenants/" + of + "/kubeconfig", request)));
        }
        return 0;
    }

    @Command(name = "list", description = "Lists the tenant's kubeconfigs that have not ended, revoked ones too.")
    int list(@Parameters(paramLabel = "NAME") String of) {
        TenantArgument.require(spec, of);
        try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
            IssuedKubeconfigs.print(admin.get("/v1/tenants/" + of + "/kubeconfigs"));
        }
        return 0;
    }

    @Command(
            name = "revoke",
            description = {
                "Makes kubeconfigs of the tenant worth nothing, at once: also connections, watches, followed logs and"
                        + " shells that are open end."
            })
    int revoke(
            @Parameters(paramLabel = "NAME") String of, @ArgGroup(multiplicity = "1") IssuedKubeconfigs.Which which) {
        TenantArgument.require(spec, of);
        try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
            IssuedKubeconfigs.print(admin.post("/v1/tenants/" + of + "/kubeconfigs/revoke", which.request()));
        }
        return 0;
    }
}
