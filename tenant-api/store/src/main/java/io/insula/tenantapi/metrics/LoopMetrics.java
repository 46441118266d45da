package io.insula.tenantapi.metrics;

import io.insula.reconcile.LoopMeter;
import io.insula.reconcile.ReconcileLoop;
import io.insula.tenantapi.metrics.MetricRegistry.Sample;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToDoubleFunction;

/// What reconcile loops do, in one registry: how long a reconcile took and how it ended, how many names wait, since
/// when and for how long, and how many are being retried. Every series of a loop exists at zero from [#announce] on,
/// so that "never happened" and "not there" look different.
///
/// Thread-safe.
public final class LoopMetrics {

    private static final double[] SECONDS = {0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60};

    private final Histogram durations;
    private final Histogram waits;
    private final List<ReconcileLoop<?>> loops = new CopyOnWriteArrayList<>();
    private final ConcurrentSkipListSet<String> names = new ConcurrentSkipListSet<>();

    /// @throws IllegalStateException when the registry has a family of these names
    public LoopMetrics(MetricRegistry registry) {
        this.durations = registry.histogram(
                "insula_reconcile_duration_seconds", "How long a reconcile took.", SECONDS, "loop", "outcome");
        this.waits = registry.histogram(
                "insula_reconcile_wait_seconds", "How long a name waited for its turn.", SECONDS, "loop");
        gauge(registry, "insula_reconcile_queue_depth", "Names that wait for their turn.", ReconcileLoop::depth);
        gauge(
                registry,
                "insula_reconcile_retries",
                "Names that are tried again after a failure.",
                ReconcileLoop::retrying);
        gauge(
                registry,
                "insula_reconcile_oldest_age_seconds",
                "How long the oldest waiting name has waited.",
                loop -> loop.oldestAge().toNanos() / 1e9);
    }

    /// Shows the loop of this name, which may begin much later.
    public void announce(String loop) {
        for (var ending : LoopMeter.Ending.values()) {
            durations.begin(loop, label(ending));
        }
        waits.begin(loop);
        names.add(loop);
    }

    /// Counts for the loop of this name.
    public LoopMeter meter(String loop) {
        announce(loop);
        return new LoopMeter() {
            @Override
            public void reconciled(Ending ending, Duration took) {
                durations.observe(took.toNanos() / 1e9, loop, label(ending));
            }

            @Override
            public void waited(Duration inQueue) {
                waits.observe(inQueue.toNanos() / 1e9, loop);
            }
        };
    }

    /// Reads the loop's queue whenever somebody asks.
    public void follow(ReconcileLoop<?> loop) {
        names.add(loop.name());
        loops.add(loop);
    }

    private void gauge(MetricRegistry registry, String name, String help, ToDoubleFunction<ReconcileLoop<?>> value) {
        registry.gauge(
                name,
                help,
                List.of("loop"),
                () -> names.stream()
                        .map(loop -> Sample.of(value(loop, value), loop))
                        .toList());
    }

    /// Zero before the loop begins.
    private double value(String name, ToDoubleFunction<ReconcileLoop<?>> value) {
        return loops.stream()
                .filter(loop -> loop.name().equals(name))
                .mapToDouble(value)
                .sum();
    }

    private static String label(LoopMeter.Ending ending) {
        return ending.name().toLowerCase(Locale.ROOT);
    }
}
