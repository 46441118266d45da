package io.insula.node.containerd;

import io.insula.node.containerd.Gvisor.Network;
import io.insula.node.machine.Command;
import io.insula.node.machine.CommandException;
import io.insula.node.machine.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// Finds out by trying how gVisor runs here: a sandbox that ends at once, in a network namespace made for it and
/// removed after. Stateless.
final class GvisorProbe {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int TOLD = 300;

    private GvisorProbe() {}

    /// @param folder for what the try needs; all of it is removed
    static Gvisor probe(Programs programs, Path folder) throws IOException {
        if (programs.hasRunscShim()) {
            return new Gvisor.OwnShim();
        }
        if (programs.runsc().isEmpty()) {
            return new Gvisor.Absent("gVisor is not installed: type `apt-get install runsc` as root");
        }
        Path runsc = programs.runsc().get();
        String ownStack = attempt(programs, runsc, Network.SANDBOX, folder);
        if (ownStack.isEmpty()) {
            return new Gvisor.RuncShim(runsc, Network.SANDBOX, "");
        }
        String hostStack = attempt(programs, runsc, Network.HOST, folder);
        return hostStack.isEmpty()
                ? new Gvisor.RuncShim(runsc, Network.HOST, ownStack)
                : new Gvisor.Absent("gVisor does not run here: " + hostStack);
    }

    /// @return why it failed; empty when it did not
    private static String attempt(Programs programs, Path runsc, Network network, Path folder) throws IOException {
        String id = "insula-probe-" + ProcessHandle.current().pid();
        Path bundle = Files.createTempDirectory(folder, "probe");
        try {
            Files.createDirectories(bundle.resolve("rootfs/bin"));
            Files.copy(programs.busybox(), bundle.resolve("rootfs/bin/busybox"), StandardCopyOption.COPY_ATTRIBUTES);
            Files.writeString(bundle.resolve("config.json"), config(id));
            Command.succeed(PATIENCE, List.of(programs.ip().toString(), "netns", "add", id));
            try {
                Command.Ended ended = Command.run(
                        PATIENCE,
                        List.of(
                                runsc.toString(),
                                "--root=" + bundle.resolve("state"),
                                "--network=" + network.name().toLowerCase(Locale.ROOT),
                                "run",
                                "--bundle=" + bundle,
                                id));
                return ended.exitCode() == 0 ? "" : tail(ended.said());
            } finally {
                Command.run(PATIENCE, List.of(programs.ip().toString(), "netns", "delete", id));
            }
        } catch (CommandException e) {
            return String.valueOf(e.getMessage());
        } finally {
            Trees.delete(bundle);
        }
    }

    private static String config(String namespace) {
        return """
                {"ociVersion": "1.0.2", "hostname": "probe",
                 "process": {"cwd": "/", "args": ["/bin/busybox", "true"], "user": {"uid": 0, "gid": 0}},
                 "root": {"path": "rootfs", "readonly": true},
                 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
                 "linux": {"namespaces": [{"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"},
                                          {"type": "network", "path": "/run/netns/%s"}]}}
                """.formatted(namespace);
    }

    private static String tail(String said) {
        String line = said.strip().replace('\n', ' ');
        return line.length() <= TOLD ? line : "…" + line.substring(line.length() - TOLD);
    }
}
