package io.insula.controlplane.cli;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What this machine has for people: browsers, and the command that they type. Stateless.
final class Browsers {

    /// The launcher's own name, which it hands on.
    private static final String LAUNCHER = "insula.launcher";

    private Browsers() {}

    /// The command that opens a page; empty where nobody would see it.
    static String usual() {
        Map<String, String> environment = System.getenv();
        String chosen = environment.getOrDefault("BROWSER", "");
        boolean sees = Stream.of("DISPLAY", "WAYLAND_DISPLAY").anyMatch(environment::containsKey)
                || System.getProperty("os.name").startsWith("Mac");
        return !chosen.isEmpty()
                ? chosen
                : Stream.of("xdg-open", "open")
                        .filter(_ -> sees)
                        .filter(Browsers::isThere)
                        .findFirst()
                        .orElse("");
    }

    /// What others have to run for this command.
    static String launcher() {
        return System.getProperty(LAUNCHER, "insula");
    }

    private static boolean isThere(String command) {
        List<String> folders = List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1));
        return folders.stream().anyMatch(folder -> Files.isExecutable(Path.of(folder, command)));
    }
}
