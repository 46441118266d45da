package io.insula.node.network;

import io.insula.node.machine.Command;
import io.insula.node.machine.CommandException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Runs the machine's network programs. Stateless.
final class Shell {

    private static final Duration LONGEST = Duration.ofMinutes(1);

    private Shell() {}

    /// A script whose first failing command ends it.
    ///
    /// @param words become `$1`, `$2` …
    /// @throws NetworkException saying what the program said
    static String script(String script, String... words) {
        return script(List.of(), script, words);
    }

    /// @param enter what is put before the command, as to run it in a namespace
    static String script(List<String> enter, String script, String... words) {
        var command = new ArrayList<>(enter);
        command.addAll(List.of("/bin/sh", "-eu", "-c", script, "sh"));
        command.addAll(List.of(words));
        return run("", command);
    }

    /// @param input what the program reads
    /// @return what it says
    /// @throws NetworkException where it fails or takes longer than a minute; it is killed then
    static String run(String input, List<String> command) {
        try {
            return Command.succeed(LONGEST, command, input);
        } catch (CommandException e) {
            throw new NetworkException(String.valueOf(e.getMessage()), e);
        }
    }
}
