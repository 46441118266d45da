package io.insula.node.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Runs a program of this machine to its end. Stateless.
public final class Command {

    private Command() {}

    /// @param said standard output and error
    public record Ended(int exitCode, String said) {}

    /// @throws CommandException where it cannot be started or takes longer than `time`; it is killed then
    public static Ended run(Duration time, List<String> command) {
        Path log = null;
        try {
            log = Files.createTempFile("insula-command", ".log");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            if (!process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new CommandException(command + " did not end within " + time.toSeconds() + " s: " + read(log));
            }
            return new Ended(process.exitValue(), read(log));
        } catch (IOException e) {
            throw new CommandException("cannot run " + command + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted while running " + command, e);
        } finally {
            delete(log);
        }
    }

    /// @throws CommandException also where it fails
    public static String succeed(Duration time, List<String> command) {
        Ended ended = run(time, command);
        if (ended.exitCode() != 0) {
            throw new CommandException(command + " failed: " + ended.said().strip());
        }
        return ended.said();
    }

    private static String read(Path log) throws IOException {
        return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
    }

    private static void delete(@Nullable Path log) {
        try {
            if (log != null) {
                Files.deleteIfExists(log);
            }
        } catch (IOException e) {
            // the system's own cleaning of its temporary folder gets it
        }
    }
}
