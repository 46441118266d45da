package io.insula.controlplane.cli;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.keys.HomeKeys;
import io.insula.controlplane.keys.KeySource;
import io.micronaut.context.annotation.Prototype;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// `insula keys`: what private keys are encrypted with on disk. It works on the home, whether its service runs or not.
@Prototype
@Command(
        name = "keys",
        description = {
            "The key that all private keys on disk are encrypted with.",
            "insula up --key-file FILE, or --key-command COMMAND, begins with it."
        })
final class KeysCommands implements InsulaCommand {

    @ParentCommand
    private Insula insula = new Insula();

    @Override
    public int order() {
        return 72;
    }

    /// Where a key is: one of the two.
    static final class Given {
        @Option(names = "--key-file", required = true, paramLabel = "FILE", description = "A file that has the key.")
        private @Nullable Path file;

        @Option(
                names = "--key-command",
                required = true,
                paramLabel = "COMMAND",
                description = "A command of the shell that prints the key.")
        private @Nullable String command;

        KeySource source() {
            return file != null ? KeySource.file(file) : KeySource.command(String.valueOf(command));
        }
    }

    @Command(name = "new", description = "Makes a key in a new file that only this user may read.")
    int make(@Parameters(paramLabel = "FILE", description = "Outside of the home folder.") Path file) {
        KeySource made = KeySource.make(file);
        System.out.println("key " + made.id() + " is in " + made.what()
                + ": keep a copy of it elsewhere, without it nothing that it encrypts can be used again");
        return 0;
    }

    @Command(name = "show", description = "Tells with which key, and which keys are encrypted.")
    int show() {
        Optional<HomeKeys.Standing> standing = HomeKeys.standing(insula.home());
        if (standing.isEmpty()) {
            System.out.println("private keys are not encrypted");
            return 0;
        }
        HomeKeys.Standing told = standing.get();
        System.out.println("key        " + told.kek() + ", of " + told.source());
        System.out.println("former     " + (told.former().isEmpty() ? "none" : String.join(", ", told.former())));
        System.out.println("encrypted  " + told.sealed() + " private keys");
        told.plain().forEach(file -> System.out.println("PLAIN      " + file));
        told.behind().forEach(folder -> System.out.println("BEHIND     " + folder + ", of a former key"));
        boolean done = told.plain().isEmpty() && told.behind().isEmpty();
        if (!done) {
            System.out.println("what is plain or behind follows at the next start");
        }
        return done ? 0 : 1;
    }

    @Command(
            name = "rotate",
            description = {
                "Encrypts with another key from now on; what runs goes on.",
                "The former key is kept, encrypted with the new one, as backups from before need it."
            })
    int rotate(@ArgGroup(multiplicity = "1") Given next) {
        Home home = insula.home();
        KeySource source = next.source();
        HomeKeys.rotate(home, source);
        System.out.println(
                "private keys are encrypted with " + source + " from now on; the former key is needed no more"
                        + " but for backups, and those open with the new one, too");
        return 0;
    }

    @Command(
            name = "accept",
            description = {
                "Has the home open what another key encrypts, too: of backups of another home, or of one that was lost.",
                "That key is kept, encrypted with the home's own."
            })
    int accept(@ArgGroup(multiplicity = "1") Given former) {
        System.out.println("key " + HomeKeys.accept(insula.home(), former.source()) + " is taken, too");
        return 0;
    }
}
