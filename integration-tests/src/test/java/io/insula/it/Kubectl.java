package io.insula.it;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Stock kubectl with one kubeconfig.
record Kubectl(Path binary, Path kubeconfig) {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    static Kubectl with(Path kubeconfig) {
        return new Kubectl(ClientTools.kubectl("1.35"), kubeconfig);
    }

    /// The same tenant, as another release of kubectl.
    Kubectl release(String release) {
        return new Kubectl(ClientTools.kubectl(release), kubeconfig);
    }

    Run run(String... arguments) {
        return runWith("", arguments);
    }

    /// `kubectl edit ARGUMENTS` with a command in place of an editor.
    Run edit(String editor, String... arguments) {
        var command = new ArrayList<>(List.of(
                // kubectl leaves edits there that the server refuses
                "/usr/bin/env", "TMPDIR=" + kubeconfig.resolveSibling("").toAbsolutePath(), "KUBE_EDITOR=" + editor));
        command.addAll(command("edit"));
        command.addAll(List.of(arguments));
        return Run.of(command, "", PATIENCE);
    }

    /// Starts kubectl and does not wait.
    Running start(String... arguments) {
        List<String> command = command(arguments);
        try {
            Path out = Files.createTempFile("insula-it", ".watch");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            return new Running(process, out);
        } catch (IOException e) {
            throw new IllegalStateException("kubectl does not start", e);
        }
    }

    /// A kubectl that goes on.
    record Running(Process process, Path file) implements AutoCloseable {

        /// What it has printed so far.
        String out() {
            try {
                return Files.readString(file);
            } catch (IOException e) {
                throw new IllegalStateException("kubectl's output", e);
            }
        }

        /// Waits for its end.
        int exitCode(Duration patience) {
            Installation.await("kubectl ends by itself", patience, () -> !process.isAlive());
            return process.exitValue();
        }

        @Override
        public void close() {
            process.destroyForcibly();
            try {
                Files.delete(file);
            } catch (IOException e) {
                throw new IllegalStateException("kubectl's output", e);
            }
        }
    }

    /// Splits at blanks: for arguments that hold none.
    String ok(String words) {
        return run(words.split(" ", -1)).ok();
    }

    /// What `kubectl WORDS -o json` prints.
    JsonNode json(String words) {
        return Json.parse(ok(words + " -o json").getBytes(StandardCharsets.UTF_8));
    }

    Run runWith(String input, String... arguments) {
        return Run.of(command(arguments), input, PATIENCE);
    }

    private List<String> command(String... arguments) {
        var command = new ArrayList<>(List.of(
                binary.toString(),
                "--kubeconfig=" + kubeconfig,
                "--cache-dir=" + kubeconfig.resolveSibling(kubeconfig.getFileName() + ".cache")));
        command.addAll(List.of(arguments));
        return command;
    }

    /// Applies manifests from standard input.
    String apply(String manifests) {
        return runWith(manifests, "apply", "-f", "-").ok();
    }
}
