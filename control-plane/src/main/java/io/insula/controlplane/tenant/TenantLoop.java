package io.insula.controlplane.tenant;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A queue of names: each name is worked on by one virtual thread at a time, a name added meanwhile is worked on once
/// more.
/// Bounded by the number of tenants. Thread-safe: guarded by itself.
final class TenantLoop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TenantLoop.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration CLOSE_WITHIN = Duration.ofMinutes(1);

    private final Function<String, Outcome> work;
    private final Semaphore slots;
    private final ExecutorService workers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("insula-tenant-", 0).factory());
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("insula-tenant-timer").daemon(true).factory());
    private final Set<String> running = new HashSet<>();
    private final Set<String> again = new HashSet<>();
    private final Map<String, Integer> failures = new HashMap<>();
    private boolean closed;

    TenantLoop(int workers, Function<String, Outcome> work) {
        this.work = work;
        this.slots = new Semaphore(workers);
    }

    synchronized void add(String name) {
        if (closed) {
            return;
        }
        if (!running.add(name)) {
            again.add(name);
            return;
        }
        workers.execute(() -> run(name));
    }

    /// Waits for running work; nothing new begins.
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        timer.shutdownNow();
        workers.shutdown();
        try {
            if (!workers.awaitTermination(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                workers.shutdownNow();
            }
        } catch (InterruptedException e) {
            workers.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private void run(String name) {
        Duration delay = Duration.ZERO;
        try {
            slots.acquire();
            try {
                delay = delayAfter(name, work.apply(name));
            } finally {
                slots.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            delay = failed(name, e);
        } finally {
            finished(name, delay);
        }
    }

    private synchronized Duration delayAfter(String name, Outcome outcome) {
        failures.remove(name);
        return outcome instanceof Outcome.RequeueAfter(Duration wait, String _) ? wait : Duration.ZERO;
    }

    private synchronized Duration failed(String name, RuntimeException e) {
        int count = failures.merge(name, 1, Integer::sum);
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(count - 1, 10));
        Duration bounded = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
        if (!closed) {
            LOG.atWarn()
                    .addKeyValue("tenant", name)
                    .addKeyValue("retryIn", bounded)
                    .setCause(e)
                    .log("reconcile failed");
        }
        return bounded;
    }

    private synchronized void finished(String name, Duration delay) {
        running.remove(name);
        if (closed) {
            return;
        }
        if (again.remove(name)) {
            add(name);
        } else if (!delay.isZero()) {
            var _ = timer.schedule(() -> add(name), delay.toMillis(), TimeUnit.MILLISECONDS);
        }
    }
}
