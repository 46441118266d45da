package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TenantHealthTest {

    private static final Trouble STOPPED = new Trouble("EtcdNotAnswering", "stopped");

    private final Map<String, Trouble> troubles = new ConcurrentHashMap<>();
    private final LinkedBlockingQueue<String> changes = new LinkedBlockingQueue<>();
    private final Set<String> told = new HashSet<>();
    private final CountDownLatch hang = new CountDownLatch(1);
    private final AtomicInteger hanging = new AtomicInteger();
    private final TenantHealth health =
            new TenantHealth(this::probe, changes::add, Duration.ofMillis(5), Duration.ofMillis(200));

    private Optional<Trouble> probe(String tenant) {
        if (tenant.equals("hangs")) {
            hanging.incrementAndGet();
            try {
                hang.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return Optional.ofNullable(troubles.get(tenant));
    }

    @AfterEach
    void close() {
        hang.countDown();
        health.close();
    }

    @Test
    void tellsOfAChangeBothWays() throws Exception {
        health.watch("acme");
        troubles.put("acme", STOPPED);

        assertThat(changes.poll(1, TimeUnit.MINUTES)).isEqualTo("acme");
        assertThat(health.of("acme")).contains(STOPPED);

        troubles.remove("acme");
        assertThat(changes.poll(1, TimeUnit.MINUTES)).isEqualTo("acme");
        assertThat(health.of("acme")).isEmpty();
    }

    @Test
    void countsOneThatHangsAsSickAndAsksItOnceOnly() throws Exception {
        health.watch("hangs");
        health.watch("acme");
        troubles.put("acme", STOPPED);

        awaitChange("acme", health -> health.of("acme").equals(Optional.of(STOPPED)));
        awaitChange("hangs", health -> health.of("hangs").isPresent());
        assertThat(hanging).hasValue(1);

        hang.countDown();
        awaitChange("hangs", health -> health.of("hangs").isEmpty());
    }

    /// On a busy machine others count as hanging for a while, too.
    private void awaitChange(String tenant, Predicate<TenantHealth> held) throws InterruptedException {
        while (!told.remove(tenant) || !held.test(health)) {
            told.add(Objects.requireNonNull(changes.poll(1, TimeUnit.MINUTES), () -> "nothing is told of " + tenant));
        }
    }

    /// Whether a question comes after the end is a race, so it is run many times.
    @Test
    void endsWithoutAWordWhileItAsks() throws Exception {
        var uncaught = new LinkedBlockingQueue<Throwable>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((_, failure) -> uncaught.add(failure));
        try {
            for (int i = 0; i < 500; i++) {
                try (var closing = new TenantHealth(this::probe, changes::add, Duration.ZERO, Duration.ofMinutes(1))) {
                    closing.watch("acme");
                }
            }
            assertThat(uncaught.poll(1, TimeUnit.SECONDS)).isNull();
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    @Test
    void forgetsATenant() {
        health.watch("acme");
        health.forget("acme");

        assertThat(health.of("acme")).isEmpty();
    }
}
