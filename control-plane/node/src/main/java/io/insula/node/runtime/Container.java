package io.insula.node.runtime;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// A container as it is.
///
/// @param attempt how many of this name its pod had before
/// @param imageRef by digest where the image has one
public record Container(
        ContainerId id,
        SandboxId sandbox,
        String name,
        int attempt,
        State state,
        String image,
        String imageRef,
        Instant createdAt,
        Map<String, String> labels,
        Map<String, String> annotations,
        Optional<Path> log) {
    public Container {
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    /// What became of it so far.
    public sealed interface State {

        record Created() implements State {}

        record Running(Instant startedAt) implements State {}

        /// @param reason `Completed`, `Error`, `OOMKilled`, `StartError` …
        record Exited(int code, String reason, String message, Instant startedAt, Instant finishedAt)
                implements State {}

        /// The runtime has lost sight of it.
        record Unknown() implements State {}
    }
}
