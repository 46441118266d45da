package io.insula.controlplane.process;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.process.ChildException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Makes a data folder of etcd's out of a snapshot, by etcd's own tool: `etcdutl`, or `etcdctl` where there is none
/// yet (before 3.5).
public final class EtcdRestore {

    private static final long WITHIN_MINUTES = 60;

    /// Only to name the member by: an etcd that finds data takes its address from its arguments.
    private static final String PEER = "https://127.0.0.1:2380";

    private EtcdRestore() {}

    /// The tool: `INSULA_ETCDUTL`, else beside the etcd program, else on the `PATH`.
    ///
    /// @throws ChildException saying what to type when there is none
    public static Path tool() {
        String chosen = System.getenv("INSULA_ETCDUTL");
        if (chosen != null && !chosen.isEmpty()) {
            if (!EtcdProcess.isProgram(Path.of(chosen))) {
                throw new ChildException(
                        "INSULA_ETCDUTL: " + chosen + " is not a program: name an etcdutl or etcdctl, or unset it");
            }
            return Path.of(chosen);
        }
        Path beside = EtcdProcess.binary().resolveSibling("");
        return Stream.concat(Stream.of(beside), EtcdProcess.pathFolders())
                .flatMap(folder -> Stream.of(folder.resolve("etcdutl"), folder.resolve("etcdctl")))
                .filter(EtcdProcess::isProgram)
                .findFirst()
                .orElseThrow(() -> new ChildException(
                        "neither etcdutl nor etcdctl is installed, which restore snapshots of etcd: type `apt-get"
                                + " install etcd-client` (as root; elsewhere put one on the PATH or name it in"
                                + " INSULA_ETCDUTL)"));
    }

    /// Checks the snapshot's checksum and unpacks it.
    ///
    /// @param data what etcd will have as `--data-dir`; must not exist
    /// @throws ChildException with the tool's own last words; nothing is left of `data` then
    public static void restore(Path snapshot, Path data) {
        Path said = snapshot.resolveSibling(snapshot.getFileName() + ".log");
        var command = List.of(
                tool().toString(),
                "snapshot",
                "restore",
                snapshot.toString(),
                "--data-dir=" + data,
                "--name=" + EtcdProcess.MEMBER,
                "--initial-cluster=" + EtcdProcess.MEMBER + "=" + PEER,
                "--initial-advertise-peer-urls=" + PEER);
        boolean isDone = false;
        try {
            var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
            builder.environment().put("ETCDCTL_API", "3");
            Process process = builder.start();
            try {
                if (!process.waitFor(WITHIN_MINUTES, TimeUnit.MINUTES)) {
                    throw new ChildException("restoring a snapshot has not ended after " + WITHIN_MINUTES + " minutes");
                }
                if (process.exitValue() != 0) {
                    throw new ChildException("the snapshot cannot be restored: " + lastLine(said));
                }
                isDone = true;
            } finally {
                process.destroyForcibly().onExit().join();
            }
        } catch (IOException e) {
            throw new ChildException("cannot run " + command.getFirst() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ChildException("interrupted while restoring a snapshot", e);
        } finally {
            if (!isDone) {
                AtomicFiles.deleteTree(data);
            }
        }
    }

    private static String lastLine(Path said) throws IOException {
        List<String> lines = Files.readString(said, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
        return lines.isEmpty() ? "the tool said nothing" : lines.getLast();
    }
}
