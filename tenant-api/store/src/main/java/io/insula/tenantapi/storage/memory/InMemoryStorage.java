package io.insula.tenantapi.storage.memory;

import io.insula.tenantapi.storage.SerialExecutor;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StorageEvent;
import io.insula.tenantapi.storage.StorageException;
import io.insula.tenantapi.storage.StoragePage;
import io.insula.tenantapi.storage.StoredValue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A store in memory with etcd's semantics: the first revision is 1 (an empty store), each write takes the next.
/// Thread-safe: guarded by `this`. Keeps the last 100,000 changes for watches and reads of the past.
public final class InMemoryStorage implements Storage {

    /// As etcd's default limit for a request.
    private static final int LIMIT_BYTES = 1_572_864;

    private static final int HISTORY = 100_000;
    private static final Comparator<String> BYTEWISE =
            (a, b) -> Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

    /// One past change with what it takes to undo it.
    private record Change(StorageEvent event, @Nullable StoredValue before) {}

    private final Executor executor =
            task -> Thread.ofVirtual().name("memory-storage").start(task);
    private final NavigableMap<String, StoredValue> values = new TreeMap<>(BYTEWISE);
    private final Deque<Change> history = new ArrayDeque<>();
    private final Set<Watch> watches = new LinkedHashSet<>();
    private long revision = 1;
    private long compacted;
    private boolean closed;

    @Override
    public synchronized long create(String key, byte[] value, Duration ttl) {
        check(key, value);
        if (values.containsKey(key)) {
            throw new StorageException.KeyExists(key);
        }
        long created = put(key, value, null);
        if (ttl.isPositive()) {
            CompletableFuture.delayedExecutor(ttl.toNanos(), TimeUnit.NANOSECONDS, executor)
                    .execute(() -> expire(key, created));
        }
        return created;
    }

    @Override
    public synchronized Optional<StoredValue> get(String key) {
        requireOpen();
        return Optional.ofNullable(values.get(key));
    }

    @Override
    public synchronized StoragePage list(String prefix, String startKey, long atRevision, int limit) {
        requireOpen();
        if (atRevision > revision) {
            throw new StorageException.FutureRevision(atRevision, revision);
        }
        if (atRevision > 0 && atRevision < compacted) {
            throw new StorageException.Compacted(atRevision, compacted);
        }
        NavigableMap<String, StoredValue> image = atRevision > 0 && atRevision < revision ? past(atRevision) : values;
        var page = new ArrayList<StoredValue>();
        long total = 0;
        for (StoredValue value :
                image.tailMap(startKey.isEmpty() ? prefix : startKey, true).values()) {
            if (!value.key().startsWith(prefix)) {
                break;
            }
            total++;
            if (limit == 0 || page.size() < limit) {
                page.add(value);
            }
        }
        return new StoragePage(page, atRevision == 0 ? revision : atRevision, total);
    }

    @Override
    public synchronized long update(String key, byte[] value, long expectedRevision) {
        check(key, value);
        return put(key, value, expected(key, expectedRevision));
    }

    @Override
    public synchronized long delete(String key, long expectedRevision) {
        requireOpen();
        return remove(expected(key, expectedRevision));
    }

    @Override
    public synchronized long currentRevision() {
        requireOpen();
        return revision;
    }

    @Override
    public synchronized Subscription watch(String prefix, long afterRevision, Listener listener) {
        requireOpen();
        var watch = new Watch(prefix, afterRevision, listener);
        if (afterRevision + 1 < compacted) {
            watch.end(new StorageException.Compacted(afterRevision, compacted));
            return watch;
        }
        List<StorageEvent> missed = history.stream()
                .map(Change::event)
                .filter(event ->
                        event.modRevision() > afterRevision && event.key().startsWith(prefix))
                .toList();
        watch.deliver(missed);
        watches.add(watch);
        return watch;
    }

    /// Tells all watchers that they are up to date, as etcd does from time to time.
    public synchronized void announceProgress() {
        for (Watch watch : watches) {
            watch.progress(revision);
        }
    }

    /// Forgets what happened before `toRevision`, as etcd's compaction does.
    public synchronized void compact(long toRevision) {
        compacted = Math.max(compacted, Math.min(toRevision, revision));
        while (!history.isEmpty() && history.getFirst().event().modRevision() < compacted) {
            history.removeFirst();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        for (Watch watch : List.copyOf(watches)) {
            watch.end(new StorageException.Unavailable("store closed", null));
        }
        watches.clear();
    }

    private StoredValue expected(String key, long expectedRevision) {
        StoredValue current = values.get(key);
        if (current == null || current.modRevision() != expectedRevision) {
            throw new StorageException.Conflict(key, expectedRevision);
        }
        return current;
    }

    private long put(String key, byte[] value, @Nullable StoredValue before) {
        revision++;
        values.put(key, new StoredValue(key, value, revision));
        record(new StorageEvent(key, value, before == null ? null : before.value(), revision), before);
        return revision;
    }

    private long remove(StoredValue before) {
        revision++;
        values.remove(before.key());
        record(new StorageEvent(before.key(), null, before.value(), revision), before);
        return revision;
    }

    private void record(StorageEvent event, @Nullable StoredValue before) {
        history.addLast(new Change(event, before));
        if (history.size() > HISTORY) {
            compact(history.getFirst().event().modRevision() + 1);
        }
        for (Watch watch : watches) {
            if (event.key().startsWith(watch.prefix) && event.modRevision() > watch.afterRevision) {
                watch.deliver(List.of(event));
            }
        }
    }

    private NavigableMap<String, StoredValue> past(long atRevision) {
        var image = new TreeMap<>(values);
        var changes = history.descendingIterator();
        while (changes.hasNext()) {
            Change change = changes.next();
            if (change.event().modRevision() <= atRevision) {
                break;
            }
            if (change.before() == null) {
                image.remove(change.event().key());
            } else {
                image.put(change.event().key(), change.before());
            }
        }
        return image;
    }

    /// Updates keep the time to live: what counts is that the key was not deleted and created anew.
    private synchronized void expire(String key, long created) {
        StoredValue current = values.get(key);
        if (!closed && current != null && !deletedSince(key, created)) {
            remove(current);
        }
    }

    private boolean deletedSince(String key, long created) {
        return history.stream()
                .map(Change::event)
                .anyMatch(event -> event.modRevision() > created
                        && event.value() == null
                        && event.key().equals(key));
    }

    private void check(String key, byte[] value) {
        requireOpen();
        if (value.length > LIMIT_BYTES) {
            throw new StorageException.TooLarge(key, value.length);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new StorageException.Unavailable("store closed", null);
        }
    }

    private synchronized void drop(Watch watch) {
        watches.remove(watch);
    }

    private final class Watch implements Subscription {

        private final String prefix;
        private final long afterRevision;
        private final Listener listener;
        private final SerialExecutor calls = new SerialExecutor(executor);
        private final AtomicBoolean ended = new AtomicBoolean();

        Watch(String prefix, long afterRevision, Listener listener) {
            this.prefix = Objects.requireNonNull(prefix);
            this.afterRevision = afterRevision;
            this.listener = listener;
        }

        void deliver(List<StorageEvent> events) {
            if (!events.isEmpty()) {
                call(() -> listener.onEvents(events));
            }
        }

        void progress(long reached) {
            call(() -> listener.onProgress(reached));
        }

        void end(StorageException error) {
            calls.execute(() -> {
                if (ended.compareAndSet(false, true)) {
                    listener.onError(error);
                }
            });
        }

        private void call(Runnable action) {
            calls.execute(() -> {
                if (!ended.get()) {
                    action.run();
                }
            });
        }

        @Override
        public void close() {
            ended.set(true);
            drop(this);
        }
    }
}
