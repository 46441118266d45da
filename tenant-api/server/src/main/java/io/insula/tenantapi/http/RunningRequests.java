package io.insula.tenantapi.http;

import java.time.Duration;

/// Counts requests that are being handled, for draining. Thread-safe: guarded by itself.
final class RunningRequests {

    private int count;

    synchronized void began() {
        count++;
    }

    synchronized void ended() {
        count--;
        notifyAll();
    }

    /// False when some were still running at the end of `patience`.
    synchronized boolean awaitNone(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (count > 0) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return false;
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }
}
