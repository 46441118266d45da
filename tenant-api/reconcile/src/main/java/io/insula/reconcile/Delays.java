package io.insula.reconcile;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/// Names that are to be worked on later. Of several delays for one name the earliest counts.
///
/// Not thread-safe: whoever owns it calls it under a lock of its own.
final class Delays<K> {

    /// Further away than anybody waits, and not so far that nanoseconds overflow.
    private static final Duration FAR = Duration.ofDays(365);

    private final ScheduledExecutorService timer;
    private final Map<K, Delay> delays = new HashMap<>();

    private record Delay(long atNanos, ScheduledFuture<?> timer) {}

    /// @param timer stays its owner's
    Delays(ScheduledExecutorService timer) {
        this.timer = timer;
    }

    /// At the latest in a year: to look once too often does no harm.
    ///
    /// @param due called on the timer's thread, without the owner's lock, with what [#end] wants to know
    void add(K key, Duration delay, LongConsumer due) {
        long nanos = (delay.compareTo(FAR) < 0 ? delay : FAR).toNanos();
        long at = System.nanoTime() + nanos;
        Delay earlier = delays.get(key);
        if (earlier != null && earlier.atNanos() - at <= 0) {
            return;
        }
        if (earlier != null) {
            earlier.timer().cancel(false);
        }
        try {
            delays.put(key, new Delay(at, timer.schedule(() -> due.accept(at), nanos, TimeUnit.NANOSECONDS)));
        } catch (RejectedExecutionException e) {
            // the owner of the timer is closing, and so will its loop
            delays.remove(key);
        }
    }

    /// @return whether this very delay is over. A timer that was cancelled too late finds its delay gone, or replaced
    ///     by an earlier one that has its own timer.
    boolean end(K key, long atNanos) {
        Delay mine = delays.get(key);
        return mine != null && mine.atNanos() == atNanos && delays.remove(key, mine);
    }

    void forget(Predicate<K> which) {
        delays.entrySet().removeIf(entry -> {
            boolean out = which.test(entry.getKey());
            if (out) {
                entry.getValue().timer().cancel(false);
            }
            return out;
        });
    }

    void clear() {
        forget(_ -> true);
    }
}
