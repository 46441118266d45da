package io.insula.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;

/// What a failed child said last, for people: its log grows over many runs, only what this run wrote counts. Immutable.
public final class LogTail {

    private static final int READ_BYTES = 64 << 10;
    private static final int TELLING_LINES = 3;
    private static final int LINE_LIMIT = 400;

    /// What programs write when they give up, `"level":"fatal"` of etcd and the first lines of Java stack traces among
    /// it.
    private static final Pattern TELLING = Pattern.compile(
            "error|fatal|panic|exception|caused by|cannot|failed|in use|denied|no space|unrecognized|not found",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern STACK_FRAME = Pattern.compile("\\s+at .*|\\s*\\.\\.\\. \\d+ more");

    private final Path log;
    private final long from;

    private LogTail(Path log, long from) {
        this.log = log;
        this.from = from;
    }

    /// What is written to `log` from now on.
    public static LogTail fromNow(Path log) {
        try {
            return new LogTail(log, Files.exists(log) ? Files.size(log) : 0);
        } catch (IOException e) {
            return new LogTail(log, 0);
        }
    }

    /// One line: the last telling lines (else the last ones at all) and where the log is.
    public String quoted() {
        List<String> said = lines();
        List<String> telling =
                said.stream().filter(line -> TELLING.matcher(line).find()).toList();
        List<String> shown = telling.isEmpty() ? said : telling;
        if (shown.isEmpty()) {
            return "it wrote nothing to its log " + log;
        }
        return String.join(" | ", shown.subList(Math.max(0, shown.size() - TELLING_LINES), shown.size()))
                + " (its log is " + log + ")";
    }

    /// Whether it complained of a port that somebody else has. Source: strerror(3), EADDRINUSE.
    public boolean tellsOfATakenPort() {
        return lines().stream().anyMatch(line -> line.contains("ddress already in use"));
    }

    private List<String> lines() {
        try (var channel = FileChannel.open(log, StandardOpenOption.READ)) {
            long begin = Math.max(from, channel.size() - READ_BYTES);
            var buffer = ByteBuffer.allocate((int) Math.max(0, channel.size() - begin));
            int count;
            do {
                count = channel.read(buffer, begin + buffer.position());
            } while (count > 0);
            return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line ->
                            !line.isBlank() && !STACK_FRAME.matcher(line).matches())
                    .map(LogTail::shortened)
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static String shortened(String line) {
        String text = line.strip();
        return text.length() <= LINE_LIMIT ? text : text.substring(0, LINE_LIMIT) + "…";
    }
}
