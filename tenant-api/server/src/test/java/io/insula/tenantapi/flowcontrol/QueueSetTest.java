package io.insula.tenantapi.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.flowcontrol.QueueSet.Entry;
import io.insula.tenantapi.flowcontrol.QueueSet.Load;
import io.insula.tenantapi.flowcontrol.QueueSet.Refusal;
import io.insula.tenantapi.flowcontrol.QueueSet.Shape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class QueueSetTest {

    private static final long ELEPHANT = ShuffleShard.hash("schema", "elephant");
    private static final long MOUSE = ShuffleShard.hash("schema", "mouse");
    private static final Shape QUEUES = new Shape(64, 6, 50);

    private final AtomicLong nanos = new AtomicLong();

    private QueueSet set(Shape shape, int seats) {
        return new QueueSet(shape, seats, nanos::get);
    }

    private static Entry enter(QueueSet set, long flow, int width) {
        return Objects.requireNonNull(set.enter(flow, width).entry());
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void refusesAtOnceWithoutQueues() {
        QueueSet set = set(Shape.NO_QUEUES, 2);
        Entry first = enter(set, 0, 1);
        enter(set, 0, 1);

        assertThat(set.enter(0, 1).refusal()).isEqualTo(Refusal.CONCURRENCY_LIMIT);
        set.leave(first);
        assertThat(set.enter(0, 1).entry()).isNotNull();
    }

    @Test
    void queuesBeyondTheSeatsAndDispatchesInOrderOfArrivalWithinAFlow() {
        QueueSet set = set(new Shape(64, 1, 50), 1);
        Entry running = enter(set, ELEPHANT, 1);
        Entry second = enter(set, ELEPHANT, 1);
        Entry third = enter(set, ELEPHANT, 1);

        assertThat(set.isExecuting(second)).isFalse();
        assertThat(set.load()).isEqualTo(new Load(1, 1, 1, 2, 2));
        pass(Duration.ofMillis(10));
        set.leave(running);
        assertThat(set.isExecuting(second)).isTrue();
        assertThat(set.isExecuting(third)).isFalse();
        set.leave(second);
        set.leave(third);
        assertThat(set.load()).isEqualTo(new Load(1, 0, 0, 0, 0));
    }

    @Test
    void refusesWhenAllQueuesOfTheFlowAreFullWhileOtherFlowsHaveRoom() {
        QueueSet set = set(QUEUES, 1);
        enter(set, ELEPHANT, 1);
        int queued = 0;
        while (set.enter(ELEPHANT, 1).entry() != null) {
            queued++;
            assertThat(queued).isLessThan(10_000);
        }

        assertThat(queued).isEqualTo(6 * 50);
        assertThat(set.enter(ELEPHANT, 1).refusal()).isEqualTo(Refusal.QUEUE_FULL);
        assertThat(set.enter(MOUSE, 1).entry()).isNotNull();
    }

    @Test
    void letsASmallFlowPassAHundredRequestsOfABigOne() {
        QueueSet set = set(QUEUES, 1);
        Entry running = enter(set, ELEPHANT, 1);
        var elephants = new ArrayList<Entry>();
        for (int i = 0; i < 100; i++) {
            elephants.add(enter(set, ELEPHANT, 1));
        }
        Entry mouse = enter(set, MOUSE, 1);

        int served = 0;
        while (!set.isExecuting(mouse)) {
            pass(Duration.ofMillis(5));
            set.leave(running);
            running = elephants.stream().filter(set::isExecuting).findFirst().orElse(mouse);
            elephants.remove(running);
            served++;
        }
        // the elephant has six queues, the mouse one of its own: a turn each
        assertThat(served).isLessThanOrEqualTo(7);
    }

    @Test
    void sharesSeatsEquallyBetweenFlowsThatAlwaysWantMore() {
        QueueSet set = set(new Shape(64, 1, 1000), 4);
        var flows = List.of(ELEPHANT, MOUSE);
        var running = new ArrayList<List<Entry>>();
        var waiting = new ArrayList<List<Entry>>();
        int[] served = new int[2];
        for (int flow = 0; flow < 2; flow++) {
            running.add(new ArrayList<>());
            waiting.add(new ArrayList<>());
            // the first wants ten times as much as the second
            for (int i = 0; i < (flow == 0 ? 1000 : 100); i++) {
                waiting.get(flow).add(enter(set, flows.get(flow), 1));
            }
        }
        for (int round = 0; round < 25; round++) {
            pass(Duration.ofMillis(10));
            for (int flow = 0; flow < 2; flow++) {
                var now = waiting.get(flow).stream().filter(set::isExecuting).toList();
                waiting.get(flow).removeAll(now);
                running.get(flow).addAll(now);
            }
            for (int flow = 0; flow < 2; flow++) {
                served[flow] += running.get(flow).size();
                running.get(flow).forEach(set::leave);
                running.get(flow).clear();
            }
        }
        assertThat(served[0] + served[1]).isEqualTo(100);
        assertThat(served[1]).isBetween(45, 55);
    }

    @Test
    void takesAWideRequestWhenItsSeatsAreFreeAndLetsNoneOvertakeItForEver() {
        QueueSet set = set(QUEUES, 3);
        Entry narrow = enter(set, MOUSE, 1);
        Entry wide = enter(set, ELEPHANT, 3);

        assertThat(set.isExecuting(wide)).isFalse();
        Entry later = enter(set, ELEPHANT, 1);
        set.leave(narrow);
        assertThat(set.isExecuting(wide) || set.isExecuting(later)).isTrue();
        set.leave(later);
        assertThat(set.isExecuting(wide)).isTrue();
    }

    @Test
    void takesARequestThatIsWiderThanTheLevelWhenItIsAlone() {
        QueueSet set = set(QUEUES, 2);
        Entry narrow = enter(set, MOUSE, 1);
        Entry wide = enter(set, ELEPHANT, 5);

        assertThat(set.isExecuting(wide)).isFalse();
        set.leave(narrow);
        assertThat(set.isExecuting(wide)).isTrue();
    }

    @Test
    void letsGoOfWhoHasWaitedTooLong() throws Exception {
        QueueSet set = set(QUEUES, 1);
        Entry running = enter(set, ELEPHANT, 1);
        Entry late = enter(set, ELEPHANT, 1);

        assertThat(set.await(late, 1)).isFalse();
        assertThat(set.load().waiting()).isZero();
        set.leave(late);
        set.leave(running);
        set.leave(running);
        assertThat(set.load()).isEqualTo(new Load(1, 0, 0, 0, 0));
    }

    @Test
    void wakesWhoWaitsWhenSeatsAreAdded() throws Exception {
        QueueSet set = set(QUEUES, 1);
        enter(set, ELEPHANT, 1);
        Entry waiting = enter(set, MOUSE, 1);
        var came = CompletableFuture.supplyAsync(() -> {
            try {
                return set.await(waiting, TimeUnit.SECONDS.toNanos(20));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        });

        set.configure(QUEUES, 2);

        assertThat(came.get(3, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void forgetsQueuesThatNobodyUses() {
        QueueSet set = set(QUEUES, 10);
        for (int i = 0; i < 1000; i++) {
            set.leave(enter(set, ShuffleShard.hash("schema", "user-" + i), 1));
        }
        assertThat(set)
                .extracting("active")
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .isEmpty();
    }
}
