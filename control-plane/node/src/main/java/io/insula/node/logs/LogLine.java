package io.insula.node.logs;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Optional;

/// One line of a log file: `time stream tag text`. Source: Kubernetes, "kubelet CRI logging" (design proposal).
///
/// @param time as it stands in the file
/// @param isWhole false where the line of the container goes on in the next one
/// @param text without the line's end
record LogLine(String time, boolean isStdout, boolean isWhole, byte[] text) {

    /// More than time, stream and tag can be.
    static final int LONGEST_HEAD = 80;

    /// @param bytes without the line end
    /// @return empty for what is no such line: a file that was cut by a full disk has some
    static Optional<LogLine> parse(byte[] bytes) {
        int first = space(bytes, 0);
        int second = space(bytes, first + 1);
        if (first <= 0 || second < 0) {
            return Optional.empty();
        }
        int third = space(bytes, second + 1);
        int tagEnd = third < 0 ? bytes.length : third;
        String stream = text(bytes, first + 1, second);
        String tag = text(bytes, second + 1, tagEnd).split(":", 2)[0];
        boolean known = (stream.equals("stdout") || stream.equals("stderr")) && (tag.equals("F") || tag.equals("P"));
        if (!known) {
            return Optional.empty();
        }
        byte[] said = third < 0 ? new byte[0] : Arrays.copyOfRange(bytes, third + 1, bytes.length);
        return Optional.of(new LogLine(text(bytes, 0, first), stream.equals("stdout"), tag.equals("F"), said));
    }

    /// Whether it is not older than that; what has no readable time is not.
    boolean isSince(Instant since) {
        try {
            return !OffsetDateTime.parse(time).toInstant().isBefore(since);
        } catch (DateTimeException e) {
            return true;
        }
    }

    private static int space(byte[] bytes, int from) {
        for (int i = from; i >= 0 && i < bytes.length && i < LONGEST_HEAD; i++) {
            if (bytes[i] == ' ') {
                return i;
            }
        }
        return -1;
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, Math.max(0, to - from), StandardCharsets.UTF_8);
    }
}
