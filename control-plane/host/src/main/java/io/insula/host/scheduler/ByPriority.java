package io.insula.host.scheduler;

import io.insula.reconcile.Order;
import io.insula.tenantapi.controllers.Key;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// The pod of the highest priority is next; among equals the one that came first.
///
/// Source: kubernetes, `pkg/scheduler/framework/plugins/queuesort`.
final class ByPriority implements Order<Key> {

    private record Waiting(Key key, int priority, long arrival) {}

    private final ToIntFunction<Key> priority;
    private final PriorityQueue<Waiting> waiting = new PriorityQueue<>(
            Comparator.comparingInt(Waiting::priority).reversed().thenComparingLong(Waiting::arrival));
    private long arrivals;

    /// @param priority of a pod, as it is when it comes
    ByPriority(ToIntFunction<Key> priority) {
        this.priority = priority;
    }

    @Override
    public boolean add(Key key) {
        return waiting.add(new Waiting(key, priority.applyAsInt(key), arrivals++));
    }

    @Override
    public @Nullable Key next() {
        Waiting first = waiting.poll();
        return first == null ? null : first.key();
    }

    @Override
    public void clear() {
        waiting.clear();
    }
}
