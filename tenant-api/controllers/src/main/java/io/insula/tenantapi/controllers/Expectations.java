package io.insula.tenantapi.controllers;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Creations and deletions a controller has asked for and whose events its cache has not seen yet. While some are open,
/// the cache is known to be behind and counting in it would create or delete too many.
///
/// Thread-safe: guarded by its monitor. Source: kubernetes, `pkg/controller/controller_utils.go`.
public final class Expectations {

    private static final Duration FORGET_AFTER = Duration.ofMinutes(5);

    private final Clock clock;
    private final Map<Key, Open> open = new HashMap<>();

    private static final class Open {
        private int creations;
        private final Set<String> deletions = new HashSet<>();
        private Instant since = Instant.MIN;

        boolean isEmpty() {
            return creations <= 0 && deletions.isEmpty();
        }
    }

    public Expectations(Clock clock) {
        this.clock = clock;
    }

    /// Before creating: an event may be faster than the answer.
    public synchronized void expectCreations(Key key, int count) {
        Open entry = entry(key);
        entry.creations += count;
    }

    /// Before deleting the object with this uid.
    public synchronized void expectDeletion(Key key, String uid) {
        entry(key).deletions.add(uid);
    }

    /// An object appeared, or its creation failed.
    public synchronized void created(Key key) {
        Open entry = open.get(key);
        if (entry != null) {
            entry.creations--;
            dropIfEmpty(key, entry);
        }
    }

    /// An object is on its way out, or its deletion failed.
    public synchronized void deleted(Key key, String uid) {
        Open entry = open.get(key);
        if (entry != null && entry.deletions.remove(uid)) {
            dropIfEmpty(key, entry);
        }
    }

    /// Whether the cache has caught up, or has had five minutes to.
    public synchronized boolean satisfied(Key key) {
        Open entry = open.get(key);
        return entry == null
                || entry.isEmpty()
                || entry.since.plus(FORGET_AFTER).isBefore(clock.instant());
    }

    /// The owner is gone.
    public synchronized void forget(Key key) {
        open.remove(key);
    }

    private Open entry(Key key) {
        Open entry = open.computeIfAbsent(key, k -> new Open());
        entry.since = clock.instant();
        return entry;
    }

    private void dropIfEmpty(Key key, Open entry) {
        if (entry.isEmpty()) {
            open.remove(key);
        }
    }
}
