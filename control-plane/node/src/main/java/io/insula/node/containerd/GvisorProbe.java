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

    private static final String NOTHING = "true";
    /// Reads, by read(2), an answer that comes late, and says why it could not. Not a word where it could.
    private static final String READING = "busybox nc -ll -p 8080 -e /bin/busybox sh -c"
            + " 'busybox usleep 300000; echo HTTP/1.0 200 OK; echo' & for i in 1 2 3 4 5 6 7 8 9; do"
            + " said=$(busybox wget -q -O /dev/null http://127.0.0.1:8080/ 2>&1); case $said in"
            + " *refused*) busybox usleep 100000 ;; *) break ;; esac; done; echo $said; exit 0";
    /// EAGAIN in words.
    private static final String DID_NOT_WAIT = "temporarily unavailable";

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
        Attempt ownStack = attempt(programs, runsc, Network.SANDBOX, NOTHING, folder);
        if (ownStack.runs()) {
            return new Gvisor.RuncShim(runsc, Network.SANDBOX, "", true);
        }
        Attempt hostStack = attempt(programs, runsc, Network.HOST, READING, folder);
        return hostStack.runs()
                ? new Gvisor.RuncShim(
                        runsc, Network.HOST, ownStack.said(), !hostStack.said().contains(DID_NOT_WAIT))
                : new Gvisor.Absent("gVisor does not run here: " + hostStack.said());
    }

    private record Attempt(boolean runs, String said) {}

    /// @param script which a shell in the sandbox runs
    private static Attempt attempt(Programs programs, Path runsc, Network network, String script, Path folder)
            throws IOException {
        String id = "insula-probe-" + ProcessHandle.current().pid();
        Path bundle = Files.createTempDirectory(folder, "probe");
        try {
            Files.createDirectories(bundle.resolve("rootfs/bin"));
            Files.copy(programs.busybox(), bundle.resolve("rootfs/bin/busybox"), StandardCopyOption.COPY_ATTRIBUTES);
            Files.writeString(bundle.resolve("config.json"), config(id, script));
            Command.succeed(PATIENCE, List.of(programs.ip().toString(), "netns", "add", id));
            try {
                Command.succeed(PATIENCE, List.of(programs.ip().toString(), "-n", id, "link", "set", "lo", "up"));
                Command.Ended ended = Command.run(
                        PATIENCE,
                        List.of(
                                runsc.toString(),
                                "--root=" + bundle.resolve("state"),
                                "--network=" + network.name().toLowerCase(Locale.ROOT),
                                "run",
                                "--bundle=" + bundle,
                                id));
                return new Attempt(ended.exitCode() == 0, tail(ended.said()));
            } finally {
                Command.run(PATIENCE, List.of(programs.ip().toString(), "netns", "delete", id));
            }
        } catch (CommandException e) {
            return new Attempt(false, String.valueOf(e.getMessage()));
        } finally {
            Trees.delete(bundle);
        }
    }

    private static String config(String namespace, String script) {
        return """
                {"ociVersion": "1.0.2", "hostname": "probe",
                 "process": {"cwd": "/", "args": ["/bin/busybox", "sh", "-c", "%s"],
                             "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}},
                 "root": {"path": "rootfs", "readonly": true},
                 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
                 "linux": {"namespaces": [{"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"},
                                          {"type": "network", "path": "/run/netns/%s"}]}}
                """.formatted(script, namespace);
    }

    private static String tail(String said) {
        String line = said.strip().replace('\n', ' ');
        return line.length() <= TOLD ? line : "…" + line.substring(line.length() - TOLD);
    }
}
