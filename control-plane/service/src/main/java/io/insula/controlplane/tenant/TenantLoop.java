package io.insula.controlplane.tenant;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A queue of names: each name is worked on by one virtual thread at a time, a name added meanwhile is worked on once
/// more. Only so many at once, for a machine has only so many processors; but a place is lent for a while only. Who
/// takes longer goes on without one, so that any number of sick tenants holds no healthy one back. The most needed
/// goes first, who failed or was slow the last time goes last.
///
/// Bounded by the number of tenants. Thread-safe: guarded by itself.
final class TenantLoop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TenantLoop.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration CLOSE_WITHIN = Duration.ofMinutes(1);

    private final Function<String, Outcome> work;
    private final ToIntFunction<String> need;
    private final Duration lent;
    private final ExecutorService workers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("insula-tenant-", 0).factory());
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("insula-tenant-timer").daemon(true).factory());
    private final Set<String> waiting = new LinkedHashSet<>();
    private final Set<String> running = new HashSet<>();
    private final Set<String> again = new HashSet<>();
    private final Set<String> struggling = new HashSet<>();
    private final Map<String, Integer> failures = new HashMap<>();
    private int places;
    private boolean closed;

    /// @param places how many are worked on at once
    /// @param lent how long one of them may keep its place
    /// @param need who goes first: the smallest
    TenantLoop(int places, Duration lent, ToIntFunction<String> need, Function<String, Outcome> work) {
        this.places = places;
        this.lent = lent;
        this.need = need;
        this.work = work;
    }

    synchronized void add(String name) {
        if (closed) {
            return;
        }
        if (running.contains(name)) {
            again.add(name);
            return;
        }
        waiting.add(name);
        begin();
    }

    /// Waits for running work; nothing new begins.
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            waiting.clear();
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

    private synchronized void begin() {
        while (!closed && places > 0) {
            Optional<String> next = next();
            if (next.isEmpty()) {
                return;
            }
            String name = next.get();
            waiting.remove(name);
            running.add(name);
            places--;
            workers.execute(() -> run(name, new Place(name)));
        }
    }

    /// The earliest of those that are needed most.
    private Optional<String> next() {
        return waiting.stream()
                .min(Comparator.<String, Boolean>comparing(struggling::contains).thenComparingInt(need));
    }

    private void run(String name, Place place) {
        Duration delay = Duration.ZERO;
        place.returnLater();
        try {
            delay = delayAfter(name, work.apply(name), place);
        } catch (RuntimeException e) {
            delay = failed(name, e);
        } finally {
            place.giveBack();
            finished(name, delay);
        }
    }

    private synchronized Duration delayAfter(String name, Outcome outcome, Place place) {
        failures.remove(name);
        if (place.isGivenBack() && !(outcome instanceof Outcome.Settled)) {
            struggling.add(name);
        } else {
            struggling.remove(name);
        }
        return outcome instanceof Outcome.RequeueAfter again ? again.delay() : Duration.ZERO;
    }

    private synchronized Duration failed(String name, RuntimeException e) {
        struggling.add(name);
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

    /// What one name holds while it is worked on.
    private final class Place {
        private final String name;
        private final AtomicBoolean givenBack = new AtomicBoolean();

        private Place(String name) {
            this.name = name;
        }

        private void returnLater() {
            try {
                var _ = timer.schedule(this::giveBack, lent.toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.atTrace().addKeyValue("tenant", name).log("the loop is closing");
            }
        }

        private boolean isGivenBack() {
            return givenBack.get();
        }

        private void giveBack() {
            if (givenBack.compareAndSet(false, true)) {
                synchronized (TenantLoop.this) {
                    places++;
                    begin();
                }
            }
        }
    }
}
