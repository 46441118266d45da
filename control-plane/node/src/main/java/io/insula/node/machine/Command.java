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

    private static final int LONGEST_TEXT = 2_000;

    private Command() {}

    /// @param said standard output and error
    public record Ended(int exitCode, String said) {}

    /// @throws CommandException where it cannot be started or takes longer than `time`; it is killed then
    public static Ended run(Duration time, List<String> command) {
        return run(time, command, "");
    }

    /// @param input what the program reads
    /// @throws CommandException likewise
    public static Ended run(Duration time, List<String> command, String input) {
        // files, not pipes: whom it leaves behind may keep a pipe open
        Path in = null;
        Path log = null;
        try {
            in = Files.createTempFile("insula-command", ".in");
            Files.writeString(in, input);
            log = Files.createTempFile("insula-command", ".log");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .redirectInput(in.toFile())
                    .start();
            if (!process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new CommandException(
                        summary(command) + " did not end within " + time.toSeconds() + " s: " + read(log));
            }
            return new Ended(process.exitValue(), read(log));
        } catch (IOException e) {
            throw new CommandException("cannot run " + summary(command) + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted while running " + summary(command), e);
        } finally {
            delete(in);
            delete(log);
        }
    }

    /// @throws CommandException also where it fails
    public static String succeed(Duration time, List<String> command) {
        return succeed(time, command, "");
    }

    /// @param input what the program reads
    /// @throws CommandException also where it fails
    public static String succeed(Duration time, List<String> command, String input) {
        Ended ended = run(time, command, input);
        if (ended.exitCode() != 0) {
            throw new CommandException(
                    summary(command) + " failed: " + shortened(ended.said().strip()));
        }
        return ended.said();
    }

    /// Without the text of scripts.
    private static String summary(List<String> command) {
        return String.join(
                " ", command.stream().filter(word -> !word.contains("\n")).toList());
    }

    /// Some programs repeat all that they read.
    private static String shortened(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + " …";
    }

    private static String read(Path log) throws IOException {
        return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
    }

    private static void delete(@Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // the system's own cleaning of its temporary folder gets it
        }
    }
}
