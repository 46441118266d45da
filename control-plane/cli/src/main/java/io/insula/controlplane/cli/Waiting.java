package io.insula.controlplane.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// A wait for what another process does: one looks, pauses and looks again, until it is over. Immutable.
///
/// @param between how long after one look comes the next
record Waiting(Instant deadline, Duration between) {

    static Waiting upTo(Duration within, Duration between) {
        return new Waiting(Instant.now().plus(within), between);
    }

    boolean isOver() {
        return Instant.now().isAfter(deadline);
    }

    /// May end early, like every park: whoever waits looks again.
    void pause() {
        LockSupport.parkNanos(between.toNanos());
    }

    /// @param tooLate what is said when it is over
    /// @throws CommandException when it is over
    void pauseOr(Supplier<String> tooLate) {
        if (isOver()) {
            throw new CommandException(tooLate.get());
        }
        pause();
    }
}
