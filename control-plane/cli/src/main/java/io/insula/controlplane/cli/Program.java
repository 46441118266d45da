package io.insula.controlplane.cli;

import io.insula.controlplane.home.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Runs other programs to their end.
final class Program {

    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    private Program() {}

    /// Answers its standard output.
    ///
    /// @param input what it reads from standard input
    /// @param folder where it runs; null for where this process does
    /// @throws CommandException with its standard error when it fails, is not there, or does not end within 3 min
    static String run(List<String> command, String input, @Nullable Path folder) {
        Path out = null;
        Path err = null;
        try {
            out = Files.createTempFile("insula", ".out");
            err = Files.createTempFile("insula", ".err");
            var builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            if (folder != null) {
                builder.directory(folder.toFile());
            }
            await(builder.start(), command, input, err);
            return Files.readString(out, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new CommandException(command.getFirst() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        } finally {
            delete(out);
            delete(err);
        }
    }

    private static void await(Process process, List<String> command, String input, Path err)
            throws IOException, InterruptedException {
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
        if (!process.waitFor(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            throw new CommandException(String.join(" ", command) + " did not end");
        }
        if (process.exitValue() != 0) {
            throw new CommandException(String.join(" ", command) + " failed: "
                    + Files.readString(err, StandardCharsets.UTF_8).strip());
        }
    }

    private static void delete(@Nullable Path file) {
        if (file != null) {
            AtomicFiles.deleteTree(file);
        }
    }
}
