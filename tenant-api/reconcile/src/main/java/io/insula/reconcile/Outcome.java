package io.insula.reconcile;

import java.time.Duration;

/// How a reconcile ended. A thrown exception counts as [Failed].
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

    /// It did not work this time: again after the loop's own pause, which grows with each failure in a row. The same as
    /// a thrown exception, for a reconcile that has to say why first, in a status.
    ///
    /// @param reason one CamelCase word, as conditions have it
    /// @param message for people, with the way out where there is one
    /// @param cause to be logged
    record Failed(String reason, String message, RuntimeException cause) implements Outcome {}

    static Outcome after(Duration delay, String waitingFor) {
        return new RequeueAfter(delay, waitingFor);
    }
}
