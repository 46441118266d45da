package io.insula.reconcile;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Fair over lanes: each lane in turn hands out as many names as its weight says, whatever the others have waiting.
/// Names of a lane that is not open are refused.
///
/// Thread-safe: lanes are opened and dropped by others than the loop, guarded by `this`.
public final class FairOrder<K, L> implements Order<K> {

    private static final class Lane<K> {
        private final Deque<K> waiting = new ArrayDeque<>();
        private int weight;
        private int credit;
        private boolean inTurn;
    }

    private final Function<K, L> laneOf;
    private final Map<L, Lane<K>> lanes = new HashMap<>();
    private final Deque<L> turns = new ArrayDeque<>();

    /// @param laneOf whose a name is
    public FairOrder(Function<K, L> laneOf) {
        this.laneOf = laneOf;
    }

    /// @param weight names in a row, at least 1
    public synchronized void open(L lane, int weight) {
        lanes.computeIfAbsent(lane, _ -> new Lane<>()).weight = checked(weight);
    }

    /// From its next turn on; nothing where it is not open.
    ///
    /// @param weight names in a row, at least 1
    public synchronized void reweigh(L lane, int weight) {
        var known = lanes.get(lane);
        if (known != null) {
            known.weight = checked(weight);
        }
    }

    private static int checked(int weight) {
        if (weight < 1) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: >= 1)");
        }
        return weight;
    }

    /// Forgets what waits; names of the lane are refused until it is opened again.
    public synchronized void drop(L lane) {
        lanes.remove(lane);
        turns.remove(lane);
    }

    /// How many names of the lane wait.
    public synchronized int depth(L lane) {
        var known = lanes.get(lane);
        return known == null ? 0 : known.waiting.size();
    }

    @Override
    public synchronized boolean add(K key) {
        var lane = lanes.get(laneOf.apply(key));
        if (lane == null) {
            return false;
        }
        lane.waiting.addLast(key);
        if (!lane.inTurn) {
            lane.inTurn = true;
            lane.credit = lane.weight;
            turns.addLast(laneOf.apply(key));
        }
        return true;
    }

    @Override
    public synchronized @Nullable K next() {
        var turn = turns.peekFirst();
        if (turn == null) {
            return null;
        }
        var lane = lanes.get(turn);
        if (lane == null) {
            throw new IllegalStateException("a turn without a lane: " + turn);
        }
        var key = lane.waiting.removeFirst();
        lane.credit--;
        if (lane.waiting.isEmpty()) {
            turns.removeFirst();
            lane.inTurn = false;
        } else if (lane.credit == 0) {
            turns.addLast(turns.removeFirst());
            lane.credit = lane.weight;
        }
        return key;
    }

    @Override
    public synchronized void clear() {
        lanes.values().forEach(lane -> {
            lane.waiting.clear();
            lane.inTurn = false;
        });
        turns.clear();
    }
}
