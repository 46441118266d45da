package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.micronaut.context.annotation.Prototype;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `insula admin`.
@Prototype
@Command(
        name = "admin",
        description = "Who may use the admin API, by roles.",
        subcommands = {AdminCommands.Kubeconfig.class, AdminCommands.LoginFileCommand.class})
final class AdminCommands implements InsulaCommand {

    private static final String PATH = "/v1/admins/kubeconfig";

    /// As the admin API takes them.
    enum Role {
        SUPERUSER,
        OPERATOR,
        AUDITOR,
        OWNER;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public int order() {
        return 65;
    }

    /// `insula admin login-file`.
    @Command(
            name = "login-file",
            description =
                    "Prints the file by which people log in (`insula login`, any command's --login), as the issuer"
                            + " of `insula up --oidc-issuer` knows them. Nothing in it is secret.")
    static final class LoginFileCommand implements Runnable {

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public void run() {
            try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
                System.out.println(admin.get("/v1/login").toPrettyString());
            }
        }
    }

    /// `insula admin kubeconfig`.
    @Command(
            name = "kubeconfig",
            description = {
                "Prints a kubeconfig that leads to the admin API, for --admin-kubeconfig on any machine.",
                "superuser: everything. operator: makes, runs and removes tenants, and gets into none of them.",
                "auditor: sees all, the audit trail too, and changes nothing.",
                "owner: runs one tenant, and has kubeconfigs of it issued and revoked."
            })
    static final class Kubeconfig implements Runnable {

        @Spec
        private @Nullable CommandSpec spec;

        @ArgGroup(exclusive = false)
        private @Nullable Wanted wanted;

        /// For whom.
        static final class Wanted {
            @Option(names = "--user", paramLabel = "U", required = true, description = "The user in audit events.")
            private String user = "";

            @Option(names = "--role", paramLabel = "R", required = true, description = "${COMPLETION-CANDIDATES}.")
            private Role role = Role.AUDITOR;

            @Option(names = "--tenant", paramLabel = "NAME", description = "Whose owner.")
            private @Nullable String tenant;

            @Option(
                    names = "--lifetime",
                    paramLabel = "D",
                    description = "How long it is good for: 10m to 365d (default: 30d).")
            private @Nullable String lifetime;
        }

        @Override
        public void run() {
            Wanted asked = wanted;
            if (asked == null) {
                throw new CommandException(
                        "--user and --role are missing: `insula admin kubeconfig --help` says which roles there are");
            }
            ObjectNode request = Json.object().put("user", asked.user).put("role", asked.role.toString());
            if (asked.tenant != null) {
                request.put("tenant", asked.tenant);
            }
            if (asked.lifetime != null) {
                request.put("expirationSeconds", KubeconfigOptions.seconds(asked.lifetime, spec));
            }
            try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
                System.out.print(KubeconfigOptions.text(admin.post(PATH, request)));
            }
        }

        @Command(name = "list", description = "Lists those that have not ended, revoked ones too.")
        int list() {
            try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
                IssuedKubeconfigs.print(admin.get(PATH + "s"));
            }
            return 0;
        }

        @Command(name = "revoke", description = "Makes some of them worth nothing, from the next request on.")
        int revoke(@ArgGroup(multiplicity = "1") IssuedKubeconfigs.Which which) {
            try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
                IssuedKubeconfigs.print(admin.post(PATH + "s/revoke", which.request()));
            }
            return 0;
        }
    }
}
