package io.insula.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Runs commands in a session of their own, so that Ctrl-C in the user's terminal ends Insula in its own order and not
/// every child at once.
public final class Detached {

    private static final Path SETSID = Path.of("/usr/bin/setsid");

    private Detached() {}

    /// `command` below `setsid` where the system has it. The process keeps its id: a child that leads no group is
    /// replaced, not forked. Source: setsid(1).
    public static List<String> command(List<String> command) {
        if (!Files.isExecutable(SETSID)) {
            return command;
        }
        var all = new ArrayList<String>();
        all.add(SETSID.toString());
        all.addAll(command);
        return all;
    }
}
