package io.insula.tenantapi.egress;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Closes a connection when time is up, whatever it waits for: a timeout of its socket would begin anew with each byte.
/// Thread-safe.
final class Deadline implements AutoCloseable {

    private final CountDownLatch over = new CountDownLatch(1);
    private final long endNanos;
    private volatile @Nullable Connection guarded;
    private volatile boolean passed;

    Deadline(Duration patience) {
        endNanos = System.nanoTime() + patience.toNanos();
        Thread.ofVirtual().name("egress-deadline").start(() -> await(patience));
    }

    /// From now on this one is closed; at once where it is too late.
    void guard(Connection connection) {
        guarded = connection;
        if (passed) {
            connection.close();
        }
    }

    Duration left() {
        return Duration.ofNanos(Math.max(1_000_000, endNanos - System.nanoTime()));
    }

    boolean hasPassed() {
        return passed;
    }

    private void await(Duration patience) {
        try {
            if (over.await(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
            passed = true;
            Connection open = guarded;
            if (open != null) {
                open.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        over.countDown();
    }
}
