package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.reconcile.LoopMeter;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.metrics.LoopMetrics;
import io.insula.tenantapi.metrics.MetricRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TenantLoopTest {

    private static final Duration LONG = Duration.ofMinutes(5);

    private final ConcurrentLinkedQueue<String> order = new ConcurrentLinkedQueue<>();

    @Test
    void anyNumberOfSickTenantsHoldsNoHealthyOneBack() throws Exception {
        var healthy = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        try (var loop = loop(Duration.ofMillis(20), _ -> 0, name -> {
            if (name.startsWith("sick")) {
                await(end);
            } else {
                healthy.countDown();
            }
            return new Outcome.Settled();
        })) {
            loop.open();
            IntStream.range(0, 20).forEach(i -> loop.add("sick-" + i));
            loop.add("healthy");

            assertThat(healthy.await(1, TimeUnit.MINUTES)).isTrue();
            end.countDown();
        }
    }

    @Test
    void worksOnOneTenantOneAtATimeAndOnceMoreForWhatCameMeanwhile() throws Exception {
        var begun = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var twice = new CountDownLatch(2);
        var atOnce = new AtomicInteger();
        var most = new AtomicInteger();
        try (var loop = loop(Duration.ofMillis(1), _ -> 0, _ -> {
            most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            begun.countDown();
            await(go);
            atOnce.decrementAndGet();
            twice.countDown();
            return new Outcome.Settled();
        })) {
            loop.open();
            loop.add("acme");
            assertThat(begun.await(1, TimeUnit.MINUTES)).isTrue();
            loop.add("acme");
            loop.add("acme");
            go.countDown();

            assertThat(twice.await(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(most).hasValue(1);
    }

    @Test
    void beginsWithTheMostNeeded() throws Exception {
        var begun = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var all = new CountDownLatch(4);
        try (var loop = new TenantLoop(1, LONG, name -> name.startsWith("used") ? 0 : 1, LoopMeter.NONE, name -> {
            order.add(name);
            begun.countDown();
            await(go);
            all.countDown();
            return new Outcome.Settled();
        })) {
            loop.open();
            loop.add("first");
            assertThat(begun.await(1, TimeUnit.MINUTES)).isTrue();
            List.of("new", "used-1", "used-2").forEach(loop::add);
            go.countDown();

            assertThat(all.await(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(order).containsExactly("first", "used-1", "used-2", "new");
    }

    /// One that is sick must not keep those waiting that are well, however needed it is.
    @Test
    void worksLastOnWhoFailedTheLastTime() throws Exception {
        var failed = new CountDownLatch(1);
        var begun = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var all = new CountDownLatch(2);
        try (var loop = new TenantLoop(1, LONG, name -> name.equals("well") ? 1 : 0, LoopMeter.NONE, name -> {
            if (name.equals("sick") && failed.getCount() > 0) {
                failed.countDown();
                throw new IllegalStateException("the host is away");
            }
            if (name.equals("gate")) {
                begun.countDown();
                await(go);
            } else {
                order.add(name);
                all.countDown();
            }
            return Outcome.SETTLED;
        })) {
            loop.open();
            loop.add("sick");
            assertThat(failed.await(1, TimeUnit.MINUTES)).isTrue();
            loop.add("gate");
            assertThat(begun.await(1, TimeUnit.MINUTES)).isTrue();
            loop.add("well");
            loop.add("sick");
            assertThat(loop.queue().depth()).isEqualTo(2);
            go.countDown();

            assertThat(all.await(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(order).containsExactly("well", "sick");
    }

    @Test
    void isCountedFromZeroOn() throws Exception {
        var registry = new MetricRegistry();
        var metrics = new LoopMetrics(registry);
        var done = new CountDownLatch(1);
        try (var loop = new TenantLoop(1, LONG, _ -> 0, metrics.meter(TenantLoop.NAME), _ -> {
            done.countDown();
            return Outcome.SETTLED;
        })) {
            metrics.follow(loop.queue());
            loop.open();
            assertThat(text(registry))
                    .contains("insula_reconcile_duration_seconds_count{loop=\"tenants\",outcome=\"failed\"} 0")
                    .contains("insula_reconcile_wait_seconds_count{loop=\"tenants\"} 0")
                    .contains("insula_reconcile_queue_depth{loop=\"tenants\"} 0")
                    .contains("insula_reconcile_retries{loop=\"tenants\"} 0")
                    .contains("insula_reconcile_oldest_age_seconds{loop=\"tenants\"} 0");
            loop.add("acme");
            assertThat(done.await(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(text(registry))
                .contains("insula_reconcile_duration_seconds_count{loop=\"tenants\",outcome=\"settled\"} 1");
    }

    private static String text(MetricRegistry registry) {
        return new String(registry.text(), StandardCharsets.UTF_8);
    }

    @Test
    void triesAgainWhatFailed() throws Exception {
        var attempts = new ConcurrentHashMap<String, Integer>();
        var done = new CountDownLatch(1);
        try (var loop = loop(LONG, _ -> 0, name -> {
            if (attempts.merge(name, 1, Integer::sum) < 3) {
                throw new IllegalStateException("the host is away");
            }
            done.countDown();
            return new Outcome.Settled();
        })) {
            loop.open();
            loop.add("acme");

            assertThat(done.await(1, TimeUnit.MINUTES)).isTrue();
        }
    }

    private static TenantLoop loop(
            Duration lent, java.util.function.ToIntFunction<String> need, Function<String, Outcome> work) {
        return new TenantLoop(2, lent, need, LoopMeter.NONE, work);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
