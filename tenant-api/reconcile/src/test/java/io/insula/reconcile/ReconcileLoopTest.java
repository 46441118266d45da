package io.insula.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.reconcile.LoopMeter.Ending;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ReconcileLoopTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Backoff QUICK = new Backoff(Duration.ofMillis(1), Duration.ofMillis(4));

    private final OwnThreads threads = OwnThreads.named("tested");
    private final Map<Ending, AtomicInteger> counted = new ConcurrentHashMap<>();
    private final List<String> failed = new CopyOnWriteArrayList<>();
    private final List<String> gaveUp = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        threads.timer().shutdownNow();
        threads.work().close();
    }

    @Test
    void holdsANameOnce() throws InterruptedException {
        var seen = new CopyOnWriteArrayList<String>();
        try (var loop = loop(1, Order.firstCome(), key -> {
            seen.add(key);
            return Outcome.SETTLED;
        })) {
            loop.add("a");
            loop.add("a");
            loop.add("b");
            assertThat(loop.depth()).isEqualTo(2);
            assertThat(loop.oldestAge()).isPositive();
            loop.open();
            assertThat(loop.awaitIdle(PATIENCE)).isTrue();
            assertThat(loop.depth()).isZero();
            assertThat(loop.oldestAge()).isZero();
        }
        assertThat(seen).containsExactly("a", "b");
        assertThat(counted.get(Ending.SETTLED)).hasValue(2);
    }

    @Test
    void worksAgainOnANameAddedMeanwhileButNeverTwiceAtOnce() throws InterruptedException {
        var inside = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var now = new AtomicInteger();
        var most = new AtomicInteger();
        var runs = new AtomicInteger();
        try (var loop = loop(4, Order.firstCome(), key -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            runs.incrementAndGet();
            inside.countDown();
            await(goOn);
            now.decrementAndGet();
            return Outcome.SETTLED;
        })) {
            loop.open();
            loop.add("a");
            await(inside);
            loop.add("a");
            loop.add("a");
            goOn.countDown();
            assertThat(loop.awaitIdle(PATIENCE)).isTrue();
        }
        assertThat(runs).hasValue(2);
        assertThat(most).hasValue(1);
    }

    @Test
    void goesOnAfterAnError() throws InterruptedException {
        var seen = new CopyOnWriteArrayList<String>();
        var both = new CountDownLatch(3);
        try (var loop = loop(1, Order.firstCome(), key -> {
            seen.add(key);
            both.countDown();
            if (seen.size() == 1) {
                throw new AssertionError("of a library's");
            }
            return Outcome.SETTLED;
        })) {
            loop.add("a");
            loop.add("b");
            loop.open();
            await(both);
            assertThat(loop.awaitIdle(PATIENCE)).isTrue();
        }
        assertThat(seen).containsExactly("a", "b", "a");
    }

    @Test
    void runsNoMoreThanItsWorkers() throws InterruptedException {
        var now = new AtomicInteger();
        var most = new AtomicInteger();
        var both = new CountDownLatch(2);
        try (var loop = loop(2, Order.firstCome(), key -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            both.countDown();
            await(both);
            now.decrementAndGet();
            return Outcome.SETTLED;
        })) {
            loop.open();
            List.of("a", "b", "c", "d").forEach(loop::add);
            assertThat(loop.awaitIdle(PATIENCE)).isTrue();
        }
        assertThat(most).hasValue(2);
    }

    /// What expires in 300 years is further away than nanoseconds count.
    @Test
    void takesAnyDelay() throws InterruptedException {
        try (var loop = loop(
                1, Order.firstCome(), _ -> Outcome.after(Duration.ofSeconds(Long.MAX_VALUE), "the end of times"))) {
            loop.open();
            loop.add("a");
            assertThat(loop.awaitIdle(PATIENCE)).isTrue();
        }
        assertThat(failed).isEmpty();
        assertThat(counted.get(Ending.REQUEUED)).hasValue(1);
    }

    @Test
    void keepsTheEarliestOfSeveralDelays() throws InterruptedException {
        var done = new CountDownLatch(1);
        var runs = new AtomicInteger();
        try (var loop = loop(1, Order.firstCome(), key -> {
            runs.incrementAndGet();
            done.countDown();
            return Outcome.SETTLED;
        })) {
            loop.open();
            loop.addAfter("a", Duration.ofHours(1));
            loop.addAfter("a", Duration.ofMillis(10));
            loop.addAfter("a", Duration.ofHours(2));
            await(done);
            assertThat(loop.awaitIdle(PATIENCE)).isTrue();
        }
        assertThat(runs).hasValue(1);
    }

    @Test
    void triesAgainAfterAFailureAndCountsIt() throws InterruptedException {
        var runs = new AtomicInteger();
        var done = new CountDownLatch(1);
        try (var loop = loop(1, Order.firstCome(), key -> {
            if (runs.incrementAndGet() < 4) {
                throw new IllegalStateException("not yet");
            }
            done.countDown();
            return Outcome.SETTLED;
        })) {
            loop.open();
            loop.add("a");
            await(done);
            assertThat(loop.awaitIdle(PATIENCE)).isTrue();
            assertThat(loop.failures("a")).isZero();
            assertThat(loop.retrying()).isZero();
        }
        assertThat(failed).containsExactly("a 1 PT0.001S", "a 2 PT0.002S", "a 3 PT0.004S");
        assertThat(counted.get(Ending.FAILED)).hasValue(3);
    }

    /// Who has to write a status before it is tried again must not count beside the loop.
    @Test
    void countsAnAnsweredFailureLikeAThrownOne() throws InterruptedException {
        var runs = new AtomicInteger();
        var done = new CountDownLatch(1);
        try (var loop = loop(1, Order.firstCome(), key -> switch (runs.incrementAndGet()) {
            case 1, 3 -> new Outcome.Failed("Retrying", "the host is away", new IllegalStateException("away"));
            case 2 -> throw new IllegalStateException("away");
            default -> {
                done.countDown();
                yield Outcome.SETTLED;
            }
        })) {
            loop.open();
            loop.add("a");
            await(done);
            assertThat(loop.awaitIdle(PATIENCE)).isTrue();
            assertThat(loop.failures("a")).isZero();
        }
        assertThat(failed).containsExactly("a 1 PT0.001S", "a 2 PT0.002S", "a 3 PT0.004S");
        assertThat(counted.get(Ending.FAILED)).hasValue(3);
        assertThat(counted.get(Ending.SETTLED)).hasValue(1);
    }

    @Test
    void beginsToCountAnewAfterAnyOtherEnding() throws InterruptedException {
        var runs = new AtomicInteger();
        var done = new CountDownLatch(1);
        try (var loop = loop(1, Order.firstCome(), key -> switch (runs.incrementAndGet()) {
            case 1, 3 -> new Outcome.Failed("Retrying", "away", new IllegalStateException("away"));
            case 2 -> Outcome.after(Duration.ofMillis(1), "the second look");
            default -> {
                done.countDown();
                yield Outcome.SETTLED;
            }
        })) {
            loop.open();
            loop.add("a");
            await(done);
            assertThat(loop.awaitIdle(PATIENCE)).isTrue();
        }
        assertThat(failed).containsExactly("a 1 PT0.001S", "a 1 PT0.001S");
    }

    @Test
    void looksAgainWhenAskedAndGivesUpWhenTold() throws InterruptedException {
        var runs = new AtomicInteger();
        var done = new CountDownLatch(1);
        try (var loop = loop(1, Order.firstCome(), key -> {
            if (runs.incrementAndGet() == 1) {
                return Outcome.after(Duration.ofMillis(1), "the second look");
            }
            done.countDown();
            return new Outcome.Terminal("Never", "no retry can help");
        })) {
            loop.open();
            loop.add("a");
            await(done);
            assertThat(loop.awaitIdle(PATIENCE)).isTrue();
        }
        assertThat(runs).hasValue(2);
        assertThat(gaveUp).containsExactly("a Never");
        assertThat(counted.get(Ending.REQUEUED)).hasValue(1);
        assertThat(counted.get(Ending.TERMINAL)).hasValue(1);
    }

    @Test
    void forgetsNamesAndTakesThemAgain() throws InterruptedException {
        var seen = new CopyOnWriteArrayList<String>();
        try (var loop = loop(1, Order.firstCome(), key -> {
            seen.add(key);
            return Outcome.SETTLED;
        })) {
            List.of("a", "b", "c").forEach(loop::add);
            loop.addAfter("d", Duration.ofMillis(1));
            loop.forget(key -> !key.equals("b"));
            loop.add("a");
            loop.open();
            assertThat(loop.awaitIdle(PATIENCE)).isTrue();
        }
        assertThat(seen).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void givesEachLaneItsTurn() throws InterruptedException {
        var seen = new CopyOnWriteArrayList<String>();
        var order = new FairOrder<String, Character>(key -> key.charAt(0));
        order.open('x', 1);
        order.open('y', 2);
        try (var loop = loop(1, order, key -> {
            seen.add(key);
            return Outcome.SETTLED;
        })) {
            List.of("x1", "x2", "x3", "y1", "y2", "y3", "z1").forEach(loop::add);
            assertThat(order.depth('x')).isEqualTo(3);
            assertThat(order.depth('z')).as("a lane that is not open").isZero();
            loop.open();
            assertThat(loop.awaitIdle(PATIENCE)).isTrue();
        }
        assertThat(seen).containsExactly("x1", "y1", "y2", "x2", "y3", "x3");
    }

    @Test
    void takesNamesOfALaneThatWasDroppedAndOpenedAgain() throws InterruptedException {
        var seen = new CopyOnWriteArrayList<String>();
        var order = new FairOrder<String, Character>(key -> key.charAt(0));
        order.open('x', 1);
        try (var loop = loop(1, order, key -> {
            seen.add(key);
            return Outcome.SETTLED;
        })) {
            loop.add("x1");
            order.drop('x');
            loop.forget(key -> key.startsWith("x"));
            loop.add("x2");
            order.open('x', 1);
            loop.add("x1");
            loop.open();
            assertThat(loop.awaitIdle(PATIENCE)).isTrue();
        }
        assertThat(seen).containsExactly("x1");
    }

    @Test
    void dropsWhatWaitsWhenClosed() throws InterruptedException {
        var inside = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var seen = new CopyOnWriteArrayList<String>();
        var loop = loop(1, Order.firstCome(), key -> {
            seen.add(key);
            inside.countDown();
            await(goOn);
            return Outcome.SETTLED;
        });
        loop.open();
        List.of("a", "b").forEach(loop::add);
        await(inside);
        loop.add("a");
        loop.close();
        goOn.countDown();
        assertThat(loop.awaitIdle(PATIENCE)).isTrue();
        loop.add("c");
        loop.addAfter("d", Duration.ofMillis(1));
        assertThat(loop.awaitIdle(PATIENCE)).isTrue();
        assertThat(seen).containsExactly("a");
    }

    @Test
    void interruptsWhatDoesNotEndWithItsWorkers() throws InterruptedException {
        var inside = new CountDownLatch(1);
        var interrupted = new CountDownLatch(1);
        var loop = loop(1, Order.firstCome(), key -> {
            inside.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
            return Outcome.SETTLED;
        });
        loop.open();
        loop.add("a");
        await(inside);

        loop.closeWith(threads, Duration.ofMillis(10));

        await(interrupted);
        assertThat(threads.timer().isShutdown()).isTrue();
        assertThat(threads.work().awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void doublesThePauseUpToTheLongest() {
        var backoff = new Backoff(Duration.ofMillis(5), Duration.ofSeconds(60));
        assertThat(backoff.after(1)).isEqualTo(Duration.ofMillis(5));
        assertThat(backoff.after(4)).isEqualTo(Duration.ofMillis(40));
        assertThat(backoff.after(100)).isEqualTo(Duration.ofSeconds(60));
        assertThat(backoff.after(Integer.MAX_VALUE)).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void countsTheFailuresOfARowUntilASuccess() {
        var pauses = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(3)).row();
        assertThat(List.of(pauses.next(), pauses.next(), pauses.next(), pauses.next()))
                .containsExactly(
                        Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3), Duration.ofSeconds(3));
        pauses.reset();
        assertThat(pauses.next()).isEqualTo(Duration.ofSeconds(1));
    }

    /// Any number of slow ones holds no quick one back, and when they end there are no more places than before.
    @Test
    void lendsPlacesForAWhileOnly() throws InterruptedException {
        var quick = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        var now = new AtomicInteger();
        var most = new AtomicInteger();
        try (var loop = new ReconcileLoop<>(
                ReconcileLoop.Settings.<String>of("test", 2, QUICK).placesLentFor(Duration.ofMillis(20)),
                threads.lent(),
                new Recording(key -> {
                    if (key.startsWith("slow")) {
                        await(end);
                    } else if (key.equals("quick")) {
                        quick.countDown();
                    } else {
                        most.accumulateAndGet(now.incrementAndGet(), Math::max);
                        now.decrementAndGet();
                    }
                    return Outcome.SETTLED;
                }))) {
            for (int i = 0; i < 20; i++) {
                loop.add("slow-" + i);
            }
            loop.add("quick");
            loop.open();
            assertThat(quick.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            end.countDown();
            assertThat(loop.awaitIdle(PATIENCE)).isTrue();

            for (int i = 0; i < 200; i++) {
                loop.add("later-" + i);
            }
            assertThat(loop.awaitIdle(PATIENCE)).isTrue();
            assertThat(loop.depth()).isZero();
        }
        assertThat(most).hasValueBetween(1, 2);
    }

    /// Without a limit of its own a reconcile keeps its place.
    @Test
    void keepsItsPlaceAsLongAsItTakes() throws InterruptedException {
        var begun = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        var seen = new CopyOnWriteArrayList<String>();
        try (var loop = loop(1, Order.firstCome(), key -> {
            seen.add(key);
            begun.countDown();
            await(end);
            return Outcome.SETTLED;
        })) {
            loop.open();
            loop.add("slow");
            await(begun);
            loop.add("other");
            // what is due after this has been looked at when this has
            var fence = new CountDownLatch(1);
            var _ = threads.timer().schedule(fence::countDown, 50, TimeUnit.MILLISECONDS);
            await(fence);
            assertThat(seen).containsExactly("slow");
            end.countDown();
            assertThat(loop.awaitIdle(PATIENCE)).isTrue();
        }
        assertThat(seen).containsExactly("slow", "other");
    }

    private ReconcileLoop<String> loop(int workers, Order<String> order, Function<String, Outcome> reconcile) {
        return new ReconcileLoop<>(
                ReconcileLoop.Settings.<String>of("test", workers, QUICK)
                        .order(order)
                        .meter(new Counting()),
                threads.lent(),
                new Recording(reconcile));
    }

    private final class Counting implements LoopMeter {
        @Override
        public void reconciled(Ending ending, Duration took) {
            counted.computeIfAbsent(ending, _ -> new AtomicInteger()).incrementAndGet();
        }

        @Override
        public void waited(Duration inQueue) {
            assertThat(inQueue).isGreaterThanOrEqualTo(Duration.ZERO);
        }
    }

    private final class Recording implements ReconcileLoop.Work<String> {
        private final Function<String, Outcome> reconcile;

        Recording(Function<String, Outcome> reconcile) {
            this.reconcile = reconcile;
        }

        @Override
        public Outcome reconcile(String key) {
            return reconcile.apply(key);
        }

        @Override
        public void failed(String key, RuntimeException cause, int failuresInARow, Duration retryIn) {
            failed.add(key + " " + failuresInARow + " " + retryIn);
        }

        @Override
        public void gaveUp(String key, Outcome.Terminal outcome) {
            gaveUp.add(key + " " + outcome.reason());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
