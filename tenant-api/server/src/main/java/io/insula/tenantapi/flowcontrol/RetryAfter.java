package io.insula.tenantapi.flowcontrol;

import java.util.ArrayDeque;
import java.util.Deque;

/// How long refused clients of one level are asked to stay away: doubled while many are refused, at most 32 s,
/// shortened by a second at a time when few are. Thread-safe: guarded by itself. Source: kubernetes/apiserver,
/// `dropped_requests_tracker.go`.
final class RetryAfter {

    private static final int LONGEST_SECONDS = 32;
    private static final int MANY_PER_SECOND = 3;

    private final Deque<Second> history = new ArrayDeque<>();
    private int seconds = 1;
    private long doubledAt = Long.MIN_VALUE / 2;

    private record Second(long at, int refused) {}

    /// One more was refused, in the second `now` of any clock.
    synchronized int refused(long now) {
        Second last = history.peekLast();
        if (last != null && last.at() == now) {
            history.removeLast();
            history.addLast(new Second(now, last.refused() + 1));
            return seconds;
        }
        adapt(now);
        history.addLast(new Second(now, 1));
        while (history.getFirst().at() < now - LONGEST_SECONDS) {
            history.removeFirst();
        }
        return seconds;
    }

    private void adapt(long now) {
        int refused = history.stream()
                .filter(second -> second.at() >= now - seconds)
                .mapToInt(Second::refused)
                .sum();
        if (refused >= MANY_PER_SECOND * seconds && now - doubledAt >= seconds) {
            seconds = Math.min(2 * seconds, LONGEST_SECONDS);
            doubledAt = now;
        } else if (refused < seconds && seconds > 1) {
            seconds--;
        }
    }
}
