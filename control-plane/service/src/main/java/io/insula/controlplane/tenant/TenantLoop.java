package io.insula.controlplane.tenant;

import io.insula.reconcile.Backoff;
import io.insula.reconcile.LoopMeter;
import io.insula.reconcile.Order;
import io.insula.reconcile.Outcome;
import io.insula.reconcile.OwnThreads;
import io.insula.reconcile.ReconcileLoop;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The reconcile loop of tenants, with its threads. Only so many at once, for a machine has only so many
/// processors; but a place is lent for a while only, so that any number of sick tenants holds no healthy one
/// back. The most needed goes first, who failed or was slow the last time goes last.
///
/// Thread-safe.
final class TenantLoop implements AutoCloseable {

    /// As metrics name it.
    static final String NAME = "tenants";

    private static final Logger LOG = LoggerFactory.getLogger(TenantLoop.class);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30));
    private static final Duration CLOSE_WITHIN = Duration.ofMinutes(1);

    private final Duration lent;
    private final Function<String, Outcome> work;
    private final Set<String> struggling = ConcurrentHashMap.newKeySet();
    private final OwnThreads threads = OwnThreads.named("insula-tenant");
    private final ReconcileLoop<String> loop;

    /// @param places how many are worked on at once
    /// @param lent how long one of them may keep its place
    /// @param need who goes first: the smallest
    TenantLoop(int places, Duration lent, ToIntFunction<String> need, LoopMeter meter, Function<String, Outcome> work) {
        this.lent = lent;
        this.work = work;
        this.loop = new ReconcileLoop<>(
                ReconcileLoop.Settings.<String>of(NAME, places, BACKOFF)
                        .placesLentFor(lent)
                        .order(new MostNeeded(struggling, need))
                        .meter(meter),
                threads.lent(),
                new Work());
    }

    /// Begins to work on what waits.
    void open() {
        loop.open();
    }

    void add(String name) {
        loop.add(name);
    }

    /// How many failures in a row a tenant has had.
    int failures(String name) {
        return loop.failures(name);
    }

    /// For whoever shows its depth.
    ReconcileLoop<?> queue() {
        return loop;
    }

    /// Waits for running work; nothing new begins.
    @Override
    public void close() {
        loop.closeWith(threads, CLOSE_WITHIN);
    }

    /// Remembers who failed, or took longer than a place is lent and is still not done.
    private final class Work implements ReconcileLoop.Work<String> {
        @Override
        public Outcome reconcile(String name) {
            long begun = System.nanoTime();
            var outcome = work.apply(name);
            boolean slow = System.nanoTime() - begun >= lent.toNanos();
            if (slow && !(outcome instanceof Outcome.Settled)) {
                struggling.add(name);
            } else {
                struggling.remove(name);
            }
            return outcome;
        }

        @Override
        public void failed(String name, RuntimeException cause, int failuresInARow, Duration retryIn) {
            struggling.add(name);
            var entry = LOG.atWarn().addKeyValue("tenant", name).addKeyValue("retryIn", retryIn);
            // where it broke is told once
            (failuresInARow == 1 ? entry.setCause(cause) : entry.addKeyValue("cause", String.valueOf(cause)))
                    .log("a step of the tenant failed; it is tried again");
        }
    }

    /// The earliest of those that are needed most. Need is asked when a place is free, since it changes meanwhile.
    private record MostNeeded(Set<String> struggling, ToIntFunction<String> need, Set<String> waiting)
            implements Order<String> {

        MostNeeded(Set<String> struggling, ToIntFunction<String> need) {
            this(struggling, need, new LinkedHashSet<>());
        }

        @Override
        public boolean add(String name) {
            return waiting.add(name);
        }

        @Override
        public @Nullable String next() {
            Optional<String> next = waiting.stream()
                    .min(Comparator.<String, Boolean>comparing(struggling::contains)
                            .thenComparingInt(need));
            next.ifPresent(waiting::remove);
            return next.orElse(null);
        }

        @Override
        public void clear() {
            waiting.clear();
        }
    }
}
