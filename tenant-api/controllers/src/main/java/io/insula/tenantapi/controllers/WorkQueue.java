package io.insula.tenantapi.controllers;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Names waiting to be worked on. A name is held once however often it is added; a name added while it is being worked
/// on
/// is worked on again afterwards. Its bound is the number of distinct names. No thread when empty: workers are started
/// on the executor as names arrive, never more than `workers`.
///
/// Thread-safe: guarded by `lock`. Source of the semantics: kubernetes/client-go, `util/workqueue`.
final class WorkQueue implements AutoCloseable {

    private static final Duration FIRST_RETRY = Duration.ofMillis(5);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(60);

    private final int workers;
    private final ControllerExecutors executors;
    private final Consumer<Key> work;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final ArrayDeque<Key> waiting = new ArrayDeque<>();
    private final Set<Key> queued = new HashSet<>();
    private final Set<Key> running = new HashSet<>();
    private final Set<Key> again = new HashSet<>();
    private final Map<Key, Integer> failures = new HashMap<>();
    private final Map<Key, Delayed> delayed = new HashMap<>();
    private int active;
    private boolean open;
    private boolean closed;

    private record Delayed(long atNanos, ScheduledFuture<?> timer) {}

    /// Holds names but works on none until [#open].
    WorkQueue(int workers, ControllerExecutors executors, Consumer<Key> work) {
        this.workers = workers;
        this.executors = executors;
        this.work = work;
    }

    void open() {
        lock.lock();
        try {
            open = true;
            for (int i = Math.min(waiting.size(), workers); i > 0; i--) {
                startWorker();
            }
        } finally {
            lock.unlock();
        }
    }

    void add(Key key) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (running.contains(key)) {
                again.add(key);
            } else if (queued.add(key)) {
                waiting.add(key);
                startWorker();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Of several delays for one name the earliest counts.
    void addAfter(Key key, Duration delay) {
        if (delay.isZero() || delay.isNegative()) {
            add(key);
            return;
        }
        lock.lock();
        try {
            if (closed) {
                return;
            }
            long at = System.nanoTime() + delay.toNanos();
            Delayed earlier = delayed.get(key);
            if (earlier != null && earlier.atNanos() - at <= 0) {
                return;
            }
            if (earlier != null) {
                earlier.timer().cancel(false);
            }
            ScheduledExecutorService timer = executors.timer();
            delayed.put(key, new Delayed(at, timer.schedule(() -> due(key), delay.toNanos(), TimeUnit.NANOSECONDS)));
        } finally {
            lock.unlock();
        }
    }

    /// Adds after a pause that doubles with each failure in a row: 5 ms to 60 s.
    void addRateLimited(Key key) {
        addAfter(key, retryDelay(countFailure(key)));
    }

    private int countFailure(Key key) {
        lock.lock();
        try {
            return failures.merge(key, 1, Integer::sum);
        } finally {
            lock.unlock();
        }
    }

    /// Forgets the failures of a name.
    void forget(Key key) {
        lock.lock();
        try {
            failures.remove(key);
        } finally {
            lock.unlock();
        }
    }

    static Duration retryDelay(int failuresInARow) {
        Duration delay = FIRST_RETRY.multipliedBy(1L << Math.min(failuresInARow - 1, 30));
        return delay.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : delay;
    }

    /// Drops what waits; what runs is not interrupted, see [#awaitIdle].
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            waiting.clear();
            queued.clear();
            again.clear();
            delayed.values().forEach(d -> d.timer().cancel(false));
            delayed.clear();
        } finally {
            lock.unlock();
        }
    }

    /// Whether all work ended within `limit`.
    boolean awaitIdle(Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (active > 0) {
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

    private void due(Key key) {
        lock.lock();
        try {
            delayed.remove(key);
        } finally {
            lock.unlock();
        }
        add(key);
    }

    private void startWorker() {
        if (open && active < workers) {
            active++;
            Executor executor = executors.work();
            executor.execute(this::drain);
        }
    }

    private void drain() {
        Key key = take();
        while (key != null) {
            try {
                work.accept(key);
            } finally {
                done(key);
            }
            key = take();
        }
    }

    private @Nullable Key take() {
        lock.lock();
        try {
            Key key = waiting.poll();
            if (key == null) {
                active--;
                idle.signalAll();
                return null;
            }
            queued.remove(key);
            running.add(key);
            return key;
        } finally {
            lock.unlock();
        }
    }

    private void done(Key key) {
        lock.lock();
        try {
            running.remove(key);
            if (again.remove(key) && queued.add(key)) {
                waiting.add(key);
            }
        } finally {
            lock.unlock();
        }
    }
}
