package io.insula.node.network;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Runs the machine's network programs. Stateless.
final class Shell {

    private static final Duration LONGEST = Duration.ofMinutes(1);

    private static final int LONGEST_TEXT = 2_000;

    private Shell() {}

    /// A script whose first failing command ends it.
    ///
    /// @param words become `$1`, `$2` …
    /// @throws NetworkException saying what the program said
    static String script(String script, String... words) {
        return script(List.of(), script, words);
    }

    /// @param enter what is put before the command, as to run it in a namespace
    static String script(List<String> enter, String script, String... words) {
        var command = new ArrayList<>(enter);
        command.addAll(List.of("/bin/sh", "-eu", "-c", script, "sh"));
        command.addAll(List.of(words));
        return run("", command);
    }

    /// @param input what the program reads
    /// @return what it says
    /// @throws NetworkException where it fails or takes longer than a minute; it is killed then
    static String run(String input, List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            var said = new CompletableFuture<String>();
            Thread.ofVirtual().name("insula-network-output").start(() -> read(process, said));
            try (var in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // it has ended without reading all; its exit code tells
            }
            if (!process.waitFor(LONGEST.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new NetworkException(command.getFirst() + " did not end within " + LONGEST.toSeconds() + " s");
            }
            String output = said.get(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
            if (process.exitValue() != 0) {
                throw new NetworkException(summary(command) + " failed: " + shortened(output.strip()));
            }
            return output;
        } catch (IOException | ExecutionException | TimeoutException e) {
            throw new NetworkException("cannot run " + summary(command) + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NetworkException("interrupted while running " + summary(command), e);
        }
    }

    private static void read(Process process, CompletableFuture<String> said) {
        try (var out = process.getInputStream()) {
            said.complete(new String(out.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            said.completeExceptionally(e);
        }
    }

    /// nft repeats whole rules.
    private static String shortened(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + " …";
    }

    /// Without the text of scripts.
    private static String summary(List<String> command) {
        return String.join(
                " ", command.stream().filter(word -> !word.contains("\n")).toList());
    }
}
