package io.insula.tenantapi.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Keeps what a watch delivers and lets tests await it.
public final class RecordingListener implements Storage.Listener {

    private static final Duration DEADLINE = Duration.ofMinutes(3);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<StorageEvent> events = new ArrayList<>();
    private final List<Long> progress = new ArrayList<>();
    private @Nullable StorageException error;

    @Override
    public void onEvents(List<StorageEvent> more) {
        note(() -> events.addAll(more));
    }

    @Override
    public void onProgress(long revision) {
        note(() -> progress.add(revision));
    }

    @Override
    public void onError(StorageException e) {
        note(() -> error = e);
    }

    /// The first `count` events, as soon as they are there.
    public List<StorageEvent> await(int count) {
        return await("events: " + count, () -> events.size() >= count, () -> List.copyOf(events));
    }

    public long awaitProgress() {
        return await("progress", () -> !progress.isEmpty(), progress::getLast);
    }

    public StorageException awaitError() {
        return await("error", () -> error != null, () -> Objects.requireNonNull(error));
    }

    /// Events so far as `key=value@revision`, deletions as `-key@revision`.
    public List<String> texts() {
        lock.lock();
        try {
            return events.stream().map(RecordingListener::text).toList();
        } finally {
            lock.unlock();
        }
    }

    public static String text(StorageEvent event) {
        byte[] value = event.value();
        return (value == null ? "-" + event.key() : event.key() + "=" + new String(value, StandardCharsets.UTF_8)) + "@"
                + event.modRevision();
    }

    private <T> T await(String what, BooleanSupplier ready, Supplier<T> result) {
        lock.lock();
        try {
            long left = DEADLINE.toNanos();
            while (!ready.getAsBoolean()) {
                assertThat(left)
                        .as("time to wait for " + what + ", got " + events.size() + " events, " + error)
                        .isPositive();
                left = changed.awaitNanos(left);
            }
            return result.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } finally {
            lock.unlock();
        }
    }

    private void note(Runnable action) {
        lock.lock();
        try {
            action.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
