package io.insula.tenantapi.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.reconcile.Backoff;
import io.insula.reconcile.LoopMeter.Ending;
import io.insula.reconcile.Outcome;
import io.insula.reconcile.ReconcileLoop;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Test;

class LoopMetricsTest {

    private final MetricRegistry registry = new MetricRegistry();
    private final LoopMetrics metrics = new LoopMetrics(registry);

    @Test
    void showsEverySeriesAtZeroFromTheStart() {
        metrics.announce("pods");
        String announced = text();
        try (var timer = Executors.newSingleThreadScheduledExecutor()) {
            metrics.meter("pods");
            metrics.follow(loop(timer));
        }

        assertThat(text())
                .as("as before it began")
                .isEqualTo(announced)
                .contains("insula_reconcile_duration_seconds_count{loop=\"pods\",outcome=\"settled\"} 0")
                .contains("insula_reconcile_duration_seconds_count{loop=\"pods\",outcome=\"requeued\"} 0")
                .contains("insula_reconcile_duration_seconds_count{loop=\"pods\",outcome=\"terminal\"} 0")
                .contains("insula_reconcile_duration_seconds_count{loop=\"pods\",outcome=\"failed\"} 0")
                .contains("insula_reconcile_wait_seconds_count{loop=\"pods\"} 0")
                .contains("insula_reconcile_queue_depth{loop=\"pods\"} 0")
                .contains("insula_reconcile_retries{loop=\"pods\"} 0")
                .contains("insula_reconcile_oldest_age_seconds{loop=\"pods\"} 0");
    }

    @Test
    void countsEndingsAndReadsTheQueueWhenAsked() {
        metrics.meter("pods").reconciled(Ending.FAILED, Duration.ofMillis(20));
        metrics.meter("pods").waited(Duration.ofMillis(2));
        try (var timer = Executors.newSingleThreadScheduledExecutor()) {
            var loop = loop(timer);
            metrics.follow(loop);
            loop.add("a");

            assertThat(text())
                    .contains("insula_reconcile_duration_seconds_count{loop=\"pods\",outcome=\"failed\"} 1")
                    .contains("insula_reconcile_wait_seconds_bucket{loop=\"pods\",le=\"0.005\"} 1")
                    .contains("insula_reconcile_queue_depth{loop=\"pods\"} 1");
        }
    }

    private String text() {
        return new String(registry.text(), StandardCharsets.UTF_8);
    }

    /// It never opens: what is added waits.
    private static ReconcileLoop<String> loop(ScheduledExecutorService timer) {
        return new ReconcileLoop<>(
                ReconcileLoop.Settings.of("pods", 1, new Backoff(Duration.ofMillis(1), Duration.ofSeconds(1))),
                new ReconcileLoop.Threads(timer, timer),
                new ReconcileLoop.Work<>() {
                    @Override
                    public Outcome reconcile(String key) {
                        return Outcome.SETTLED;
                    }

                    @Override
                    public void failed(String key, RuntimeException cause, int failuresInARow, Duration retryIn) {
                        throw new AssertionError(key, cause);
                    }
                });
    }
}
