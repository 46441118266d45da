package io.insula.tenantapi.flowcontrol;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The seats of one priority level and the queues before them. Among the queues the next seat goes to the request
/// that would have finished first had all queues been served at once, each a bit at a time: a queue full of
/// requests waits for itself, not others for it. Thread-safe: guarded by `lock`; only queues in use exist.
///
/// Source: kubernetes/apiserver, `fairqueuing/queueset` (the fair queuing by virtual time of KEP-1040).
final class QueueSet {

    /// What a request is thought to take until it has ended.
    private static final double ASSUMED_NANOS = 3_000_000;

    private final LongSupplier nanoTime;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, Queue> active = new LinkedHashMap<>();
    private final SeatDemand demand;
    private Shape shape;
    private int seats;
    private int executing;
    private int seatsInUse;
    private int waiting;
    private int seatsWaiting;
    private int enqueued;
    private double virtualTime;
    private long lastNanos;

    /// @param queues 0 where requests beyond the seats are refused at once
    /// @param handSize queues that one flow may use
    /// @param queueLength requests that wait in one queue
    record Shape(int queues, int handSize, int queueLength) {
        static final Shape NO_QUEUES = new Shape(0, 0, 0);
    }

    /// Why a request is refused, in the words of upstream's metrics.
    enum Refusal {
        CONCURRENCY_LIMIT("concurrency-limit"),
        QUEUE_FULL("queue-full"),
        TIME_OUT("time-out");

        private final String text;

        Refusal(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /// What is going on.
    record Load(int seats, int executing, int seatsInUse, int waiting, int seatsWaiting) {}

    QueueSet(Shape shape, int seats, LongSupplier nanoTime) {
        this.shape = shape;
        this.seats = seats;
        this.nanoTime = nanoTime;
        this.lastNanos = nanoTime.getAsLong();
        this.demand = new SeatDemand(lastNanos);
    }

    /// One request. `state` is guarded by the set's lock.
    static final class Entry {
        private final int width;
        private final @Nullable Queue queue;
        private final double arrival;
        private final CountDownLatch decided = new CountDownLatch(1);
        private State state = State.WAITING;
        private long startNanos;

        private Entry(int width, @Nullable Queue queue, double arrival) {
            this.width = width;
            this.queue = queue;
            this.arrival = arrival;
        }
    }

    private enum State {
        WAITING,
        EXECUTING,
        DONE
    }

    private static final class Queue {
        private final int index;
        private final Deque<Entry> waiting = new ArrayDeque<>();
        private double nextDispatch;
        private int executing;
        private int seatsInUse;
        private int seatsWaiting;

        private Queue(int index, double now) {
            this.index = index;
            this.nextDispatch = now;
        }

        double workWaiting() {
            return seatsWaiting * ASSUMED_NANOS;
        }

        boolean isIdle() {
            return executing == 0 && waiting.isEmpty();
        }
    }

    /// Either an entry, executing or waiting, or why there is none.
    record Entered(@Nullable Entry entry, @Nullable Refusal refusal) {}

    /// Takes a seat or a place in a queue; never blocks.
    ///
    /// @param flow the hash of the request's flow
    /// @param width seats that it needs, at least 1
    Entered enter(long flow, int width) {
        lock.lock();
        try {
            long now = advance();
            if (shape.queues() == 0) {
                if (!fits(width)) {
                    return new Entered(null, Refusal.CONCURRENCY_LIMIT);
                }
                var entry = new Entry(width, null, virtualTime);
                execute(entry, now);
                return new Entered(entry, null);
            }
            Queue queue = choose(flow);
            if (seatsInUse >= seats && queue.waiting.size() >= shape.queueLength()) {
                return new Entered(null, Refusal.QUEUE_FULL);
            }
            var entry = new Entry(width, queue, virtualTime);
            enqueue(entry, queue, now);
            dispatch(now);
            return new Entered(entry, null);
        } finally {
            lock.unlock();
        }
    }

    /// Waits for the entry's turn.
    ///
    /// @return false when it did not come in time: the entry is out
    boolean await(Entry entry, long patienceNanos) throws InterruptedException {
        try {
            if (entry.decided.await(patienceNanos, TimeUnit.NANOSECONDS)) {
                return true;
            }
        } catch (InterruptedException e) {
            leave(entry);
            throw e;
        }
        lock.lock();
        try {
            if (entry.state == State.EXECUTING) {
                return true;
            }
            giveUp(entry, advance());
            return false;
        } finally {
            lock.unlock();
        }
    }

    /// Whether it has a seat.
    boolean isExecuting(Entry entry) {
        return entry.decided.getCount() == 0;
    }

    /// Gives the seat back (or the place in the queue); the next may go. Idempotent.
    void leave(Entry entry) {
        lock.lock();
        try {
            long now = advance();
            switch (entry.state) {
                case WAITING -> giveUp(entry, now);
                case EXECUTING -> finish(entry, now);
                case DONE -> {}
            }
        } finally {
            lock.unlock();
        }
    }

    /// Changes what the level may do; who waits may go at once.
    void configure(Shape newShape, int newSeats) {
        lock.lock();
        try {
            long now = advance();
            shape = newShape;
            seats = newSeats;
            dispatch(now);
        } finally {
            lock.unlock();
        }
    }

    Load load() {
        lock.lock();
        try {
            return new Load(seats, executing, seatsInUse, waiting, seatsWaiting);
        } finally {
            lock.unlock();
        }
    }

    /// Ends a period of measuring what was wanted.
    SeatDemand.Period endPeriod() {
        lock.lock();
        try {
            return demand.end(advance());
        } finally {
            lock.unlock();
        }
    }

    /// Of the flow's queues the one with the least work; among equals they take turns.
    private Queue choose(long flow) {
        int[] hand = ShuffleShard.deal(flow, shape.queues(), shape.handSize());
        int first = Math.floorMod(enqueued++, hand.length);
        int best = hand[first];
        double least = Double.MAX_VALUE;
        for (int i = 0; i < hand.length && least > 0; i++) {
            int index = hand[(first + i) % hand.length];
            Queue queue = active.get(index);
            double work = queue == null ? 0 : queue.workWaiting();
            if (work < least) {
                least = work;
                best = index;
            }
        }
        return active.computeIfAbsent(best, index -> new Queue(index, virtualTime));
    }

    private void enqueue(Entry entry, Queue queue, long now) {
        if (queue.isIdle()) {
            queue.nextDispatch = virtualTime;
        }
        queue.waiting.addLast(entry);
        queue.seatsWaiting += entry.width;
        bound(queue);
        waiting++;
        seatsWaiting += entry.width;
        demand.set(seatsInUse + seatsWaiting, now);
    }

    private void dispatch(long now) {
        while (waiting > 0 && seatsInUse < seats) {
            Queue queue = next();
            Entry entry = queue.waiting.getFirst();
            if (!fits(entry.width)) {
                // wider ones are not overtaken for ever: it keeps its turn
                return;
            }
            dequeue(entry, queue);
            // among equals the one that has not been served for longest
            active.remove(queue.index);
            active.put(queue.index, queue);
            queue.executing++;
            queue.seatsInUse += entry.width;
            queue.nextDispatch += entry.width * ASSUMED_NANOS;
            bound(queue);
            execute(entry, now);
        }
    }

    private Queue next() {
        Queue best = null;
        double earliest = Double.MAX_VALUE;
        for (Queue queue : active.values()) {
            Entry head = queue.waiting.peekFirst();
            if (head != null) {
                double finish = queue.nextDispatch + head.width * ASSUMED_NANOS;
                if (best == null || finish < earliest) {
                    earliest = finish;
                    best = queue;
                }
            }
        }
        if (best == null) {
            throw new IllegalStateException(waiting + " requests wait in no queue");
        }
        return best;
    }

    private void execute(Entry entry, long now) {
        entry.state = State.EXECUTING;
        entry.startNanos = now;
        executing++;
        seatsInUse += entry.width;
        demand.set(seatsInUse + seatsWaiting, now);
        entry.decided.countDown();
    }

    private void finish(Entry entry, long now) {
        entry.state = State.DONE;
        executing--;
        seatsInUse -= entry.width;
        demand.set(seatsInUse + seatsWaiting, now);
        Queue queue = entry.queue;
        if (queue != null) {
            queue.executing--;
            queue.seatsInUse -= entry.width;
            // what it took instead of what it was thought to take
            queue.nextDispatch -= entry.width * (ASSUMED_NANOS - (now - entry.startNanos));
            bound(queue);
            forgetIdle(queue);
        }
        dispatch(now);
    }

    private void giveUp(Entry entry, long now) {
        Queue queue = entry.queue;
        entry.state = State.DONE;
        if (queue != null) {
            dequeue(entry, queue);
            bound(queue);
            forgetIdle(queue);
        }
        demand.set(seatsInUse + seatsWaiting, now);
        dispatch(now);
    }

    private void dequeue(Entry entry, Queue queue) {
        queue.waiting.remove(entry);
        queue.seatsWaiting -= entry.width;
        waiting--;
        seatsWaiting -= entry.width;
    }

    private void forgetIdle(Queue queue) {
        if (queue.isIdle()) {
            active.remove(queue.index, queue);
        }
    }

    /// A queue saves up no claim from the time before its oldest request came.
    private static void bound(Queue queue) {
        Entry head = queue.waiting.peekFirst();
        if (head != null) {
            queue.nextDispatch = Math.max(queue.nextDispatch, head.arrival);
        }
    }

    /// Wider than the level is wide goes alone.
    private boolean fits(int width) {
        return width > seats ? executing == 0 : seatsInUse + width <= seats;
    }

    /// Virtual time goes as fast as each active queue is served.
    private long advance() {
        long now = nanoTime.getAsLong();
        if (!active.isEmpty()) {
            int wanted = 0;
            for (Queue queue : active.values()) {
                wanted += queue.seatsInUse + queue.seatsWaiting;
            }
            virtualTime += (now - lastNanos) * Math.min(wanted, seats) / (double) active.size();
        }
        lastNanos = now;
        return now;
    }
}
