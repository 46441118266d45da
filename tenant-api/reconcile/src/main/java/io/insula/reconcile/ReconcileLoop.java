package io.insula.reconcile;

import io.insula.reconcile.LoopMeter.Ending;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Names waiting to be worked on, and the workers that do. A name is held once however often it is added; a name added
/// while it is being worked on is worked on again afterwards. Its bound is the number of distinct names. It holds no
/// thread when it is empty: workers are started on the executor as names arrive, never more than asked for.
///
/// Thread-safe: guarded by `lock`, which is never held while somebody else's code runs. Source of the semantics:
/// kubernetes/client-go, `util/workqueue`.
public final class ReconcileLoop<K> implements AutoCloseable {

    private final Settings<K> settings;
    private final Threads threads;
    private final Work<K> work;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final WorkQueue<K> queue;
    private final Delays<K> delays;
    private final Map<K, Integer> failures = new HashMap<>();
    private final Places places;
    private boolean open;
    private boolean closed;

    /// @param name as metrics carry it
    /// @param workers how many names are worked on at once, at least 1
    /// @param lent how long a reconcile keeps its place among these: one that takes longer goes on without, so that
    ///     any number of slow ones holds no quick one back. Zero: as long as it takes
    public record Settings<K>(
            String name, int workers, Duration lent, Backoff backoff, Order<K> order, LoopMeter meter) {
        public Settings {
            if (workers < 1) {
                throw new IllegalArgumentException("workers: " + workers + " (expected: >= 1)");
            }
        }

        public static <K> Settings<K> of(String name, int workers, Backoff backoff) {
            return new Settings<>(name, workers, Duration.ZERO, backoff, Order.firstCome(), LoopMeter.NONE);
        }

        public Settings<K> order(Order<K> other) {
            return new Settings<>(name, workers, lent, backoff, other, meter);
        }

        public Settings<K> meter(LoopMeter other) {
            return new Settings<>(name, workers, lent, backoff, order, other);
        }

        public Settings<K> placesLentFor(Duration other) {
            return new Settings<>(name, workers, other, backoff, order, meter);
        }
    }

    /// Threads that somebody else owns, names and closes.
    ///
    /// @param work runs reconciles: one virtual thread per task
    /// @param timer fires delays; its tasks only hand over to `work`
    public record Threads(Executor work, ScheduledExecutorService timer) {}

    /// What a loop is for.
    public interface Work<K> {

        /// Brings what the name stands for one step nearer to what is wanted. May run at any time, twice, or after a
        /// crash between any two of its writes.
        Outcome reconcile(K key);

        /// It threw or answered that it failed, and will be tried again after a pause: to be logged, once.
        ///
        /// @param failuresInARow this one counted
        void failed(K key, RuntimeException cause, int failuresInARow, Duration retryIn);

        /// It answered that no retry can help: to be logged.
        default void gaveUp(K key, Outcome.Terminal outcome) {}
    }

    /// Holds names but works on none until [#open].
    public ReconcileLoop(Settings<K> settings, Threads threads, Work<K> work) {
        this.settings = settings;
        this.threads = threads;
        this.work = work;
        this.queue = new WorkQueue<>(settings.order());
        this.delays = new Delays<>(threads.timer());
        this.places = new Places(settings.workers(), settings.lent(), threads.timer());
    }

    public String name() {
        return settings.name();
    }

    /// Begins to work.
    public void open() {
        lock.lock();
        try {
            open = true;
            for (int i = Math.min(queue.depth(), settings.workers()); i > 0; i--) {
                startWorker();
            }
        } finally {
            lock.unlock();
        }
    }

    public void add(K key) {
        lock.lock();
        try {
            accept(key);
        } finally {
            lock.unlock();
        }
    }

    /// Adds later, at the latest in a year: to look once too often does no harm. Of several delays for one name the
    /// earliest counts.
    public void addAfter(K key, Duration delay) {
        if (delay.isZero() || delay.isNegative()) {
            add(key);
            return;
        }
        lock.lock();
        try {
            if (!closed) {
                delays.add(key, delay, at -> due(key, at));
            }
        } finally {
            lock.unlock();
        }
    }

    /// Forgets names: what waits or is delayed of them, and how often they failed. What runs ends by itself.
    public void forget(Predicate<K> which) {
        lock.lock();
        try {
            queue.forget(which);
            failures.keySet().removeIf(which);
            delays.forget(which);
        } finally {
            lock.unlock();
        }
    }

    /// How many failures in a row a name has had.
    public int failures(K key) {
        lock.lock();
        try {
            return failures.getOrDefault(key, 0);
        } finally {
            lock.unlock();
        }
    }

    /// How many names wait.
    public int depth() {
        lock.lock();
        try {
            return queue.depth();
        } finally {
            lock.unlock();
        }
    }

    /// How many names are being retried after failures.
    public int retrying() {
        lock.lock();
        try {
            return failures.size();
        } finally {
            lock.unlock();
        }
    }

    /// How long the oldest waiting name has waited; zero when none waits.
    public Duration oldestAge() {
        lock.lock();
        try {
            return queue.oldestAge();
        } finally {
            lock.unlock();
        }
    }

    /// Drops what waits; what runs is not interrupted, see [#awaitIdle]. Idempotent.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            queue.clear();
            delays.clear();
        } finally {
            lock.unlock();
        }
    }

    /// Closes, and ends its own threads: what runs may end within `limit`, then it is interrupted.
    public void closeWith(OwnThreads own, Duration limit) {
        close();
        own.timer().shutdownNow();
        try {
            if (!awaitIdle(limit)) {
                own.work().shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            own.work().shutdownNow();
        }
        own.work().shutdown();
    }

    /// Whether all work ended within `limit`.
    public boolean awaitIdle(Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (!places.areEmpty()) {
                if (left <= 0) {
                    return false;
                }
                left = idle.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void accept(K key) {
        if (!closed && queue.add(key)) {
            startWorker();
        }
    }

    private void due(K key, long atNanos) {
        lock.lock();
        try {
            if (delays.end(key, atNanos)) {
                accept(key);
            }
        } finally {
            lock.unlock();
        }
    }

    private void startWorker() {
        if (open && places.enter()) {
            try {
                threads.work().execute(this::drain);
            } catch (RejectedExecutionException e) {
                places.leave();
            }
        }
    }

    private void drain() {
        K key = take();
        while (key != null) {
            Places.Place place = places.lend(this::late);
            try {
                run(key);
            } finally {
                done(key, place);
            }
            key = take();
        }
    }

    private @Nullable K take() {
        lock.lock();
        try {
            WorkQueue.Taken<K> taken = places.areTooFew() ? null : queue.take();
            if (taken != null) {
                settings.meter().waited(taken.waited());
                return taken.key();
            }
            places.leave();
            idle.signalAll();
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void run(K key) {
        long began = System.nanoTime();
        Ending ending = Ending.FAILED;
        try {
            ending = apply(key, work.reconcile(key));
        } catch (RuntimeException e) {
            retry(key, e);
        } catch (Error e) {
            // a worker that it ended would leave its place and its name to nobody
            retry(key, new IllegalStateException(e));
        } finally {
            settings.meter().reconciled(ending, Duration.ofNanos(System.nanoTime() - began));
        }
    }

    private Ending apply(K key, Outcome outcome) {
        if (!(outcome instanceof Outcome.Failed)) {
            forgetFailures(key);
        }
        return switch (outcome) {
            case Outcome.Settled() -> Ending.SETTLED;
            case Outcome.RequeueAfter(var delay, var _, var _) -> {
                addAfter(key, delay);
                yield Ending.REQUEUED;
            }
            case Outcome.Terminal terminal -> {
                work.gaveUp(key, terminal);
                yield Ending.TERMINAL;
            }
            case Outcome.Failed(var _, var _, var cause) -> {
                retry(key, cause);
                yield Ending.FAILED;
            }
        };
    }

    private void retry(K key, RuntimeException cause) {
        int inARow = countFailure(key);
        Duration pause = settings.backoff().after(inARow);
        work.failed(key, cause, inARow, pause);
        addAfter(key, pause);
    }

    private int countFailure(K key) {
        lock.lock();
        try {
            return failures.merge(key, 1, Integer::sum);
        } finally {
            lock.unlock();
        }
    }

    private void forgetFailures(K key) {
        lock.lock();
        try {
            failures.remove(key);
        } finally {
            lock.unlock();
        }
    }

    private void done(K key, Places.Place place) {
        lock.lock();
        try {
            place.end();
            if (queue.done(key)) {
                startWorker();
            }
        } finally {
            lock.unlock();
        }
    }

    private void late(Places.Place place) {
        lock.lock();
        try {
            if (place.lose() && queue.depth() > 0) {
                startWorker();
            }
        } finally {
            lock.unlock();
        }
    }
}
