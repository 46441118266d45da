package io.insula.controlplane.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.controlplane.home.HomeException;
import java.time.InstantSource;
import java.util.List;
import java.util.MissingResourceException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StartStepsTest {

    private final List<String> told = new CopyOnWriteArrayList<>();
    private final StartSteps steps = new StartSteps(told::add, InstantSource.system());

    @AfterEach
    void stop() {
        steps.stop();
    }

    @Test
    void triesAStepAgainUntilItSucceedsAndSaysSo() {
        var attempts = new AtomicInteger();

        int done = steps.run("host", () -> {
            if (attempts.incrementAndGet() < 4) {
                throw new IllegalStateException("HTTP 500");
            }
            return 7;
        });

        assertThat(done).isEqualTo(7);
        assertThat(attempts).hasValue(4);
        assertThat(told).hasSize(2);
        assertThat(told.getFirst()).contains("host", "not yet", "HTTP 500");
        assertThat(told.getLast()).contains("host", "ready");
        assertThat(steps.awaited()).isEmpty();
    }

    @Test
    void saysWhatItWaitsForAndWhy() throws Exception {
        var tried = new CountDownLatch(1);
        var open = new CompletableFuture<Void>();
        var running = CompletableFuture.runAsync(() -> steps.run("host etcd", () -> {
            if (!open.isDone()) {
                tried.countDown();
                throw new IllegalStateException("too slow", new IllegalArgumentException("deadline of 10 s"));
            }
        }));
        assertThat(tried.await(1, TimeUnit.MINUTES)).isTrue();
        while (!steps.describe().contains("too slow")) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }

        assertThat(steps.describe()).startsWith("host etcd (").endsWith("s): too slow (deadline of 10 s)");

        open.complete(null);
        running.get(1, TimeUnit.MINUTES);
        assertThat(steps.describe()).isEmpty();
    }

    @Test
    void endsWhereOnlyAPersonCanHelp() {
        var attempts = new AtomicInteger();

        assertThatThrownBy(() -> steps.run("home", () -> {
                    attempts.incrementAndGet();
                    throw new HomeException("the home folder is damaged");
                }))
                .isInstanceOf(HomeException.class);
        assertThat(attempts).hasValue(1);
    }

    @Test
    void endsWhereTheProgramItselfFailsEachTime() {
        var attempts = new AtomicInteger();

        assertThatThrownBy(() -> steps.run("host", () -> {
                    attempts.incrementAndGet();
                    throw new MissingResourceException(
                            "not packaged: deploy/crds/tenants.yaml", "HostSetup", "tenants");
                }))
                .hasMessage("not packaged: deploy/crds/tenants.yaml");
        assertThat(attempts).hasValue(3);
    }

    @Test
    void triesAgainWhereTheProgramFailsNowAndThen() {
        var attempts = new AtomicInteger();

        steps.run("host", () -> {
            switch (attempts.incrementAndGet()) {
                case 1, 2, 4, 5 -> throw new NullPointerException("on purpose");
                case 3 -> throw new IllegalStateException("away");
                default -> {
                    // done
                }
            }
        });

        assertThat(attempts).hasValue(6);
    }

    @Test
    void endsWhenItIsStoppedHoweverLongThePause() throws Exception {
        var tried = new CountDownLatch(3);
        var running = CompletableFuture.runAsync(() -> steps.run("host", () -> {
            tried.countDown();
            throw new IllegalStateException("away");
        }));
        assertThat(tried.await(1, TimeUnit.MINUTES)).isTrue();

        steps.stop();

        assertThatThrownBy(() -> running.get(1, TimeUnit.MINUTES))
                .hasCauseInstanceOf(StartSteps.StoppedException.class);
        assertThatThrownBy(() -> steps.until("tenants", () -> "acme")).isInstanceOf(StartSteps.StoppedException.class);
    }

    @Test
    void waitsUntilNothingIsMissing() {
        var missing = new AtomicInteger(3);

        steps.until("tenants", () -> missing.decrementAndGet() == 0 ? "" : missing + " of 3");

        assertThat(told).singleElement().asString().contains("tenants", "ready");
    }

    @Test
    void closesWhatIsOpenedAfterItsEnd() {
        var parts = new OpenParts();
        var closed = new AtomicInteger();
        AutoCloseable part = closed::incrementAndGet;
        parts.add(part);

        parts.close();

        assertThat(closed).hasValue(1);
        assertThatThrownBy(() -> parts.add(part)).isInstanceOf(StartSteps.StoppedException.class);
        assertThat(closed).hasValue(2);
    }
}
