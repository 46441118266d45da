package io.insula.host.scheduler;

import io.insula.host.scheduler.Rejection.Cause;
import io.insula.reconcile.Backoff;
import io.insula.tenantapi.controllers.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Which pods no node took, how often, and what has to change before they are tried again. Thread-safe.
///
/// Source: kubernetes, `pkg/scheduler/backend/queue` (back-off from 1 s to 10 s, queueing hints).
final class Attempts {

    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10));

    private record Failed(int count, Instant last, Set<Cause> causes) {}

    private final Map<Key, Failed> failed = new ConcurrentHashMap<>();
    private final AtomicLong changes = new AtomicLong();
    private final Map<Cause, Long> changed = new ConcurrentHashMap<>();

    /// How much has changed so far: to be asked for before a pod is judged.
    long seen() {
        return changes.get();
    }

    /// Whether what would help has changed meanwhile: that event did not find the pod among those that wait.
    ///
    /// @param seen before the pod was judged
    boolean failed(Key pod, Collection<Cause> causes, long seen, Instant now) {
        var all = EnumSet.noneOf(Cause.class);
        all.addAll(causes);
        failed.merge(
                pod,
                new Failed(1, now, all),
                (before, again) -> new Failed(before.count() + 1, again.last(), again.causes()));
        return all.stream().anyMatch(cause -> changed.getOrDefault(cause, 0L) > seen);
    }

    /// It has a node, or is gone.
    void forget(Key pod) {
        failed.remove(pod);
    }

    /// How long it has to wait still, whatever changed.
    Duration pause(Key pod, Instant now) {
        Failed before = failed.get(pod);
        if (before == null) {
            return Duration.ZERO;
        }
        Instant until = before.last().plus(BACKOFF.after(before.count()));
        return now.isBefore(until) ? Duration.between(now, until) : Duration.ZERO;
    }

    /// Pods that one of these may help.
    List<Key> waitingFor(Set<Cause> causes) {
        long change = changes.incrementAndGet();
        causes.forEach(cause -> changed.put(cause, change));
        return failed.entrySet().stream()
                .filter(each -> !Collections.disjoint(each.getValue().causes(), causes))
                .map(Map.Entry::getKey)
                .toList();
    }
}
