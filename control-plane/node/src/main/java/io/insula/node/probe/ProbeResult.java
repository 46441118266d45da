package io.insula.node.probe;

/// What a probe has found.
public sealed interface ProbeResult {

    /// @param warning what is odd about it, for the Event `ProbeWarning`; empty for nothing
    record Success(String warning) implements ProbeResult {}

    /// @param message what was wrong, for the Event `Unhealthy`
    record Failure(String message) implements ProbeResult {}

    /// It could not be asked, which says nothing of the container.
    record Unknown(String message) implements ProbeResult {}
}
