package io.insula.syncer.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Keys to work on, fair over tenants: each tenant in turn may take as many keys as its weight says, whatever the
/// others have waiting. A key waits at most once (so a tenant's queue is bounded by its objects) and is never handed
/// out while somebody works on it: it comes back when [#done] is called.
///
/// Thread-safe: guarded by `this`.
final class FairQueue {

    private static final class Lane {
        private final LinkedHashSet<SyncKey> waiting = new LinkedHashSet<>();
        private int weight = 1;
        private int credit;
        private boolean inTurn;
    }

    private final Map<TenantId, Lane> lanes = new HashMap<>();
    private final Deque<TenantId> turns = new ArrayDeque<>();
    private final Set<SyncKey> working = new HashSet<>();
    private final Set<SyncKey> again = new HashSet<>();
    private boolean closed;

    synchronized void open(TenantId tenant, int weight) {
        lanes.computeIfAbsent(tenant, _ -> new Lane()).weight = weight;
    }

    /// Forgets what waits; keys of the tenant are refused until it is opened again.
    synchronized void drop(TenantId tenant) {
        lanes.remove(tenant);
        turns.remove(tenant);
        again.removeIf(key -> key.tenant().equals(tenant));
    }

    synchronized void add(SyncKey key) {
        var lane = lanes.get(key.tenant());
        if (closed || lane == null) {
            return;
        }
        if (working.contains(key)) {
            again.add(key);
            return;
        }
        if (lane.waiting.add(key) && !lane.inTurn) {
            lane.inTurn = true;
            lane.credit = lane.weight;
            turns.addLast(key.tenant());
            notifyAll();
        }
    }

    /// Waits for a key; empty once the queue is closed.
    synchronized Optional<SyncKey> take() throws InterruptedException {
        while (turns.isEmpty()) {
            if (closed) {
                return Optional.empty();
            }
            wait();
        }
        var tenant = turns.getFirst();
        var lane = lanes.get(tenant);
        if (lane == null) {
            throw new IllegalStateException("a turn without a lane: " + tenant);
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
        working.add(key);
        return Optional.of(key);
    }

    synchronized void done(SyncKey key) {
        working.remove(key);
        if (again.remove(key)) {
            add(key);
        }
    }

    synchronized int depth(TenantId tenant) {
        var lane = lanes.get(tenant);
        return lane == null ? 0 : lane.waiting.size();
    }

    synchronized void close() {
        closed = true;
        turns.clear();
        lanes.clear();
        notifyAll();
    }
}
