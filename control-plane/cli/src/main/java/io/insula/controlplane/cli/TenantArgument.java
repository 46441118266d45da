package io.insula.controlplane.cli;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.tenant.Tenancy;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/// What commands below `insula` take from their line: which tenant, and in which home. Stateless.
final class TenantArgument {

    private TenantArgument() {}

    /// @param spec of the command that was given the name; none where picocli has not made it
    /// @throws ParameterException for a name that is not there, or that no tenant can have
    /// @throws CommandException for the same where there is no `spec`
    static String require(@Nullable CommandSpec spec, @Nullable String given) {
        if (given == null) {
            throw wrong(spec, "Missing required parameter: 'NAME'");
        }
        Tenancy.checkName(given).ifPresent(wrong -> {
            throw wrong(spec, wrong);
        });
        return given;
    }

    /// @param spec of a command somewhere below `insula`
    static Home home(@Nullable CommandSpec spec) {
        return ((Insula) Objects.requireNonNull(spec).root().userObject()).home();
    }

    /// @param spec of a command somewhere below `insula`
    static AdminAccess access(@Nullable CommandSpec spec) {
        return ((Insula) Objects.requireNonNull(spec).root().userObject()).access();
    }

    private static RuntimeException wrong(@Nullable CommandSpec spec, String message) {
        return spec == null ? new CommandException(message) : new ParameterException(spec.commandLine(), message);
    }
}
