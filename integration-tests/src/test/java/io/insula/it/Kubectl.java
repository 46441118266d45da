package io.insula.it;

import java.io.IOException;
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
                "/usr/bin/env", "KUBE_EDITOR=" + editor, binary.toString(), "--kubeconfig=" + kubeconfig, "edit"));
        command.addAll(List.of(arguments));
        return Run.of(command, "", PATIENCE);
    }

    /// Starts kubectl and does not wait.
    Running start(String... arguments) {
        var command = new ArrayList<>(List.of(binary.toString(), "--kubeconfig=" + kubeconfig));
        command.addAll(List.of(arguments));
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

    Run runWith(String input, String... arguments) {
        var command = new ArrayList<>(List.of(binary.toString(), "--kubeconfig=" + kubeconfig));
        command.add("--cache-dir=" + kubeconfig.resolveSibling(kubeconfig.getFileName() + ".cache"));
        command.addAll(List.of(arguments));
        return Run.of(command, input, PATIENCE);
    }

    /// Applies manifests from standard input.
    String apply(String manifests) {
        return runWith(manifests, "apply", "-f", "-").ok();
    }
}
