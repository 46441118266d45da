package io.insula.reconcile;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/// Threads of one loop alone, for which [ReconcileLoop#closeWith] ends them. Thread-safe.
///
/// @param work one virtual thread per reconcile, none while nothing is to be done
/// @param timer a daemon's; for delays of its owner, too, whose tasks must be short
public record OwnThreads(ExecutorService work, ScheduledExecutorService timer) {

    /// @param name what threads are called by: `<name>-0`, `<name>-1`, … and `<name>-timer`
    public static OwnThreads named(String name) {
        return new OwnThreads(
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name(name + "-", 0).factory()),
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().name(name + "-timer").daemon().factory()));
    }

    /// As the loop uses them.
    public ReconcileLoop.Threads lent() {
        return new ReconcileLoop.Threads(work, timer);
    }
}
