package io.insula.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// One finished command.
///
/// @param code its exit code
record Run(List<String> command, int code, String out, String err) {

    /// Runs a command to its end.
    ///
    /// @throws IllegalStateException when it does not end within `patience`
    static Run of(List<String> command, String input, Duration patience) {
        try {
            Path out = Files.createTempFile("insula-it", ".out");
            Path err = Files.createTempFile("insula-it", ".err");
            Process process = start(
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile()));
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(
                        "did not end within " + patience + ": " + command + "\n" + read(out) + read(err));
            }
            return new Run(command, process.exitValue(), read(out), read(err));
        } catch (IOException e) {
            throw new IllegalStateException(command.getFirst(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// A program that was written a moment ago is busy as long as a child that another thread forked meanwhile still
    /// holds it open: until that child runs its own program.
    private static Process start(ProcessBuilder command) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return command.start();
            } catch (IOException e) {
                if (attempt == 20 || !String.valueOf(e.getMessage()).contains("Text file busy")) {
                    throw e;
                }
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
        }
    }

    /// The standard output of a command that must have succeeded.
    String ok() {
        if (code != 0) {
            throw new AssertionError("exit code " + code + " of " + shown() + "\n" + out + err);
        }
        return out;
    }

    /// The standard error of a command that must have failed.
    String failed() {
        if (code == 0) {
            throw new AssertionError("should have failed: " + shown() + "\n" + out);
        }
        return err;
    }

    private String shown() {
        return String.join(" ", command.size() > 6 ? command.subList(command.size() - 6, command.size()) : command);
    }

    private static String read(Path file) throws IOException {
        String text = Files.readString(file);
        Files.delete(file);
        return text;
    }
}
