package io.insula.reconcile;

import java.time.Duration;

/// Pauses between attempts: the first, then twice as long after each further failure in a row, up to the longest.
///
/// Source of the shape: kubernetes/client-go, `util/workqueue`, ItemExponentialFailureRateLimiter.
public record Backoff(Duration first, Duration longest) {

    public Backoff {
        if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "back-off: " + first + " to " + longest + " (expected: positive, the longest not below the first)");
        }
    }

    /// @param failures in a row, at least 1
    public Duration after(int failures) {
        var pause = first;
        for (int i = 1; i < failures && pause.compareTo(longest) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        return pause.compareTo(longest) < 0 ? pause : longest;
    }

    /// The pauses of attempts that begin now.
    public Row row() {
        return new Row(this);
    }

    /// For whoever loops and need not count. Confined to one thread.
    public static final class Row {
        private final Backoff backoff;
        private int failures;

        private Row(Backoff backoff) {
            this.backoff = backoff;
        }

        /// The pause after one further failure.
        public Duration next() {
            // beyond this the pause is the longest anyhow
            failures = Math.min(failures + 1, Integer.MAX_VALUE - 1);
            return backoff.after(failures);
        }

        /// After a success: the next pause is the first again.
        public void reset() {
            failures = 0;
        }
    }
}
