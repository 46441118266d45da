package io.insula.tenantapi.pipeline;

import java.time.Duration;

/// Counts streams whose end has not been recorded yet: a server that stops waits for their audit events.
/// Thread-safe: guarded by itself.
final class OpenStreams {

    private int count;

    synchronized void began() {
        count++;
    }

    synchronized void ended() {
        count--;
        notifyAll();
    }

    /// False when some were still open at the end of `patience`.
    synchronized boolean awaitNone(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (count > 0) {
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                return false;
            }
            try {
                wait(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }
}
