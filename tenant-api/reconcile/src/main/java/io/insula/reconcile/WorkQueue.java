package io.insula.reconcile;

import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Names waiting to be worked on, and those being worked on. A name is held once however often it is added; a name
/// added while it is being worked on waits again when that is done. Its bound is the number of distinct names.
///
/// Not thread-safe: whoever owns it calls it under a lock of its own. Source of the semantics: kubernetes/client-go,
/// `util/workqueue`.
final class WorkQueue<K> {

    private final Order<K> order;
    /// What waits, oldest first, and since when.
    private final LinkedHashMap<K, Long> waiting = new LinkedHashMap<>();
    private final Set<K> running = new HashSet<>();
    private final Set<K> again = new HashSet<>();

    /// A name whose turn it is.
    ///
    /// @param waited for how long
    record Taken<K>(K key, Duration waited) {}

    WorkQueue(Order<K> order) {
        this.order = order;
    }

    /// @return whether one name more waits
    boolean add(K key) {
        if (running.contains(key)) {
            again.add(key);
            return false;
        }
        return enqueue(key);
    }

    private boolean enqueue(K key) {
        if (waiting.containsKey(key) || !order.add(key)) {
            return false;
        }
        waiting.put(key, System.nanoTime());
        return true;
    }

    /// The next in order, being worked on from here to [#done]; null when none waits.
    @Nullable
    Taken<K> take() {
        // an order may still hold names that have been forgotten
        for (K key = order.next(); key != null; key = order.next()) {
            Long since = waiting.remove(key);
            if (since != null) {
                running.add(key);
                return new Taken<>(key, Duration.ofNanos(System.nanoTime() - since));
            }
        }
        return null;
    }

    /// @return whether one name more waits: the same, added meanwhile
    boolean done(K key) {
        running.remove(key);
        return again.remove(key) && enqueue(key);
    }

    /// What waits of these, and what was to wait again.
    void forget(Predicate<K> which) {
        waiting.keySet().removeIf(which);
        again.removeIf(which);
    }

    void clear() {
        waiting.clear();
        order.clear();
        again.clear();
    }

    /// How many wait.
    int depth() {
        return waiting.size();
    }

    /// How long the oldest has waited; zero when none waits.
    Duration oldestAge() {
        var oldest = waiting.firstEntry();
        return oldest == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - oldest.getValue());
    }
}
