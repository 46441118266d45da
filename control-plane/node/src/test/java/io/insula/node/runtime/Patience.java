package io.insula.node.runtime;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Waits for what will come, long enough for a slow machine.
public final class Patience {

    private static final Duration LONGEST = Duration.ofMinutes(2);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private Patience() {}

    public static void until(String what, BooleanSupplier condition) {
        some(what, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
    }

    /// @throws AssertionError when it does not come
    public static <T> T some(String what, Supplier<Optional<T>> source) {
        Instant deadline = Instant.now().plus(LONGEST);
        while (true) {
            Optional<T> found = source.get();
            if (found.isPresent()) {
                return found.get();
            }
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("did not come within " + LONGEST.toSeconds() + " s: " + what);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
