package io.insula.controlplane.cli;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.home.Release;
import io.insula.controlplane.pki.MemoryKeyStores;
import io.insula.controlplane.service.OptionException;
import io.insula.process.ChildException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// The command `insula`.
@Command(
        name = "insula",
        mixinStandardHelpOptions = true,
        version = "insula " + Release.NAME,
        description = {
            "Hard-isolated tenant clusters on one shared Kubernetes cluster.",
            "The launcher has three commands more: `./insula build` only builds, `./insula test`",
            "builds and tests everything, `./insula bench api|nodes|start|syncer` measures."
        },
        synopsisSubcommandLabel = "COMMAND",
        scope = ScopeType.INHERIT)
public final class Insula {

    @Option(
            names = "--home",
            paramLabel = "FOLDER",
            scope = ScopeType.INHERIT,
            description = "Where everything lives (default: ~/.insula).")
    private @Nullable Path home;

    @Option(
            names = "--admin-kubeconfig",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "Asks the admin API that this file leads to, with the role that it gives (`insula admin"
                    + " kubeconfig`), instead of the service of this machine (default: $INSULA_ADMIN_KUBECONFIG).")
    private @Nullable Path adminKubeconfig;

    @Option(
            names = "--login",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "Asks the admin API as whoever is logged in at the issuer that this file names (`insula admin"
                    + " login-file`, `insula login`; default: $INSULA_LOGIN).")
    private @Nullable Path login;

    /// The process: ends the JVM with the command's exit code.
    public static void main(String[] arguments) {
        MemoryKeyStores.begin();
        System.exit(run(arguments));
    }

    /// Runs one command in this JVM and answers its exit code.
    public static int run(String... arguments) {
        return commandLine().execute(arguments);
    }

    static CommandLine commandLine() {
        var whole = new CommandLine(new Insula());
        CommandIndex.commands().stream()
                .sorted(Comparator.comparingInt(InsulaCommand::order))
                .forEach(whole::addSubcommand);
        return whole.setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, line, _) -> report(failure, line.getErr()))
                .setParameterExceptionHandler((failure, _) -> usage(failure));
    }

    Home home() {
        return home == null ? Home.standard() : new Home(home);
    }

    /// How this command gets to the admin API.
    AdminAccess access() {
        if (login != null && adminKubeconfig != null) {
            throw new CommandException("--login, --admin-kubeconfig: one of them");
        }
        Path person = adminKubeconfig == null ? given(login, "INSULA_LOGIN") : null;
        return new AdminAccess(
                home(),
                person == null ? given(adminKubeconfig, "INSULA_ADMIN_KUBECONFIG") : null,
                Optional.ofNullable(person));
    }

    private static @Nullable Path given(@Nullable Path option, String variable) {
        String outside = System.getenv().getOrDefault(variable, "");
        return option == null && !outside.isEmpty() ? Path.of(outside) : option;
    }

    private static int report(Exception failure, PrintWriter err) {
        if (failure instanceof CommandException
                || failure instanceof HomeException
                || failure instanceof OptionException
                || failure instanceof ChildException) {
            err.println("insula: " + failure.getMessage());
        } else {
            err.println("insula: unexpected failure: " + failure);
            failure.printStackTrace(err);
        }
        err.flush();
        return CommandLine.ExitCode.SOFTWARE;
    }

    /// picocli tells of a failed conversion, but not which.
    private static String message(CommandLine.ParameterException failure) {
        String value = failure.getValue();
        return value != null && value.indexOf(Home.UNREADABLE) >= 0
                ? String.valueOf(Home.unreadable(value).getMessage())
                : String.valueOf(failure.getMessage());
    }

    private static int usage(CommandLine.ParameterException failure) {
        CommandLine line = failure.getCommandLine();
        line.getErr().println("insula: " + message(failure));
        line.getErr().println("Type `" + line.getCommandSpec().qualifiedName() + " --help` for how to use it.");
        line.getErr().flush();
        return CommandLine.ExitCode.USAGE;
    }
}
