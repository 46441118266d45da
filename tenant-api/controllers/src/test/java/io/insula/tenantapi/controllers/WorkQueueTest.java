package io.insula.tenantapi.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WorkQueueTest {

    private static final Key A = new Key("ns", "a");
    private static final Key B = new Key("ns", "b");

    private final ExecutorService work = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("work-", 0).factory());
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("timer").factory());
    private final ControllerExecutors executors = new ControllerExecutors(work, timer);

    @AfterEach
    void stop() {
        timer.shutdownNow();
        work.close();
    }

    @Test
    void holdsANameOnce() throws InterruptedException {
        var seen = new CopyOnWriteArrayList<Key>();
        try (var queue = new WorkQueue(1, executors, seen::add)) {
            queue.add(A);
            queue.add(A);
            queue.add(B);
            queue.open();
            assertThat(queue.awaitIdle(Duration.ofSeconds(5))).isTrue();
        }
        assertThat(seen).containsExactly(A, B);
    }

    @Test
    void worksAgainOnANameAddedMeanwhileButNeverTwiceAtOnce() throws InterruptedException {
        var inside = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var now = new AtomicInteger();
        var most = new AtomicInteger();
        var runs = new AtomicInteger();
        try (var queue = new WorkQueue(4, executors, key -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            runs.incrementAndGet();
            inside.countDown();
            await(goOn);
            now.decrementAndGet();
        })) {
            queue.open();
            queue.add(A);
            await(inside);
            queue.add(A);
            queue.add(A);
            goOn.countDown();
            assertThat(queue.awaitIdle(Duration.ofSeconds(5))).isTrue();
        }
        assertThat(runs).hasValue(2);
        assertThat(most).hasValue(1);
    }

    @Test
    void runsNoMoreThanItsWorkers() throws InterruptedException {
        var now = new AtomicInteger();
        var most = new AtomicInteger();
        var both = new CountDownLatch(2);
        try (var queue = new WorkQueue(2, executors, key -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            both.countDown();
            await(both);
            now.decrementAndGet();
        })) {
            queue.open();
            List.of("a", "b", "c", "d").forEach(name -> queue.add(Key.cluster(name)));
            assertThat(queue.awaitIdle(Duration.ofSeconds(5))).isTrue();
        }
        assertThat(most).hasValue(2);
    }

    @Test
    void keepsTheEarliestOfSeveralDelays() throws InterruptedException {
        var done = new CountDownLatch(1);
        var runs = new AtomicInteger();
        try (var queue = new WorkQueue(1, executors, key -> {
            runs.incrementAndGet();
            done.countDown();
        })) {
            queue.open();
            queue.addAfter(A, Duration.ofHours(1));
            queue.addAfter(A, Duration.ofMillis(10));
            queue.addAfter(A, Duration.ofHours(2));
            await(done);
            assertThat(queue.awaitIdle(Duration.ofSeconds(5))).isTrue();
        }
        assertThat(runs).hasValue(1);
    }

    @Test
    void doublesThePauseUpToAMinute() {
        assertThat(WorkQueue.retryDelay(1)).isEqualTo(Duration.ofMillis(5));
        assertThat(WorkQueue.retryDelay(4)).isEqualTo(Duration.ofMillis(40));
        assertThat(WorkQueue.retryDelay(100)).isEqualTo(Duration.ofSeconds(60));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(5, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
