package io.insula.reconcile;

import java.time.Duration;

/// How a reconcile ended. A thrown exception is the fourth ending: it means "retry with backoff".
public sealed interface Outcome {

    Outcome SETTLED = new Settled();

    /// Nothing to do until something changes.
    record Settled() implements Outcome {}

    /// Look again after `delay`, even when nothing changes.
    ///
    /// @param reason one CamelCase word, as conditions have it
    /// @param waitingFor for people, e.g. `pods to end`
    record RequeueAfter(Duration delay, String reason, String waitingFor) implements Outcome {

        /// Nothing is wrong, it only takes its time.
        public RequeueAfter(Duration delay, String waitingFor) {
            this(delay, "Waiting", waitingFor);
        }
    }

    /// No retry can help; a change of the object may.
    ///
    /// @param reason one CamelCase word, as conditions have it
    record Terminal(String reason, String message) implements Outcome {}

    static Outcome after(Duration delay, String waitingFor) {
        return new RequeueAfter(delay, waitingFor);
    }
}
