package io.insula.tenantapi.tunnel;

import java.util.ArrayList;
import java.util.List;

/// What is to be done when a tunnel ends. Thread-safe: guarded by itself.
public final class Endings {

    private final List<Runnable> actions = new ArrayList<>();
    private boolean ended;

    public void add(Runnable action) {
        synchronized (this) {
            if (!ended) {
                actions.add(action);
                return;
            }
        }
        start(action);
    }

    /// @return false when it had ended before
    public boolean end() {
        List<Runnable> waiting;
        synchronized (this) {
            if (ended) {
                return false;
            }
            ended = true;
            waiting = List.copyOf(actions);
            actions.clear();
        }
        waiting.forEach(Endings::start);
        return true;
    }

    public synchronized boolean hasEnded() {
        return ended;
    }

    private static void start(Runnable action) {
        Thread.ofVirtual().name("tunnel-ended").start(action);
    }
}
