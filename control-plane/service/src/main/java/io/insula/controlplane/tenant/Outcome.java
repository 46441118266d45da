package io.insula.controlplane.tenant;

import java.time.Duration;

/// What one step of a reconciler says. A thrown exception means: try again with growing pauses.
public sealed interface Outcome {

    /// All is as wanted: go on with the next step.
    record Settled() implements Outcome {}

    /// Not there yet.
    ///
    /// @param reason one CamelCase word
    /// @param waitingFor for people
    record RequeueAfter(Duration delay, String reason, String waitingFor) implements Outcome {

        /// Nothing is wrong, it only takes its time.
        RequeueAfter(Duration delay, String waitingFor) {
            this(delay, "Waiting", waitingFor);
        }
    }

    /// Will not get better before somebody changes the object.
    ///
    /// @param reason one CamelCase word
    record Terminal(String reason, String message) implements Outcome {}
}
