package io.insula.node.logs;

import java.time.Instant;
import java.util.Optional;

/// Which part of a log, and in which form. Source: Kubernetes API reference, `PodLogOptions`.
///
/// @param follow whether to go on with what the container says later
/// @param since nothing older
/// @param tailLines at most so many of what is there; empty for all
/// @param limitBytes at most so many, the last line cut short
/// @param timestamps whether each line begins with its time
/// @param source one of both streams, or both
public record LogOptions(
        boolean follow,
        Optional<Instant> since,
        Optional<Long> tailLines,
        Optional<Long> limitBytes,
        boolean timestamps,
        Source source) {

    /// Which stream a line came from.
    public enum Source {
        ALL,
        STDOUT,
        STDERR
    }

    public static final LogOptions ALL =
            new LogOptions(false, Optional.empty(), Optional.empty(), Optional.empty(), false, Source.ALL);
}
