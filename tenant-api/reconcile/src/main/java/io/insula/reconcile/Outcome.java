package io.insula.reconcile;

import java.time.Duration;

/// How a reconcile ended. A thrown exception is the fourth ending: it means "retry with backoff".
public sealed interface Outcome {

    Outcome SETTLED = new Settled();

    /// Nothing to do until something changes.
    record Settled() implements Outcome {}

    /// Look again after `delay`, even when nothing changes.
    ///
    /// @param waitingFor for people, e.g. `pods to end`
    record RequeueAfter(Duration delay, String waitingFor) implements Outcome {}

    /// No retry can help; a change of the object may.
    record Terminal(String reason, String message) implements Outcome {}

    static Outcome after(Duration delay, String waitingFor) {
        return new RequeueAfter(delay, waitingFor);
    }
}
