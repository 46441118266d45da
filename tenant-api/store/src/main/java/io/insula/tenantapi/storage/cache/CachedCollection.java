package io.insula.tenantapi.storage.cache;

import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StorageEvent;
import io.insula.tenantapi.storage.StorageException;
import io.insula.tenantapi.storage.StoragePage;
import io.insula.tenantapi.storage.StoredValue;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One collection in memory, kept in step by the feed. Single values may be read at any time; a page shows one
/// revision and is therefore read under the feed's lock. Thread-safe: changes are guarded by the feed.
final class CachedCollection implements Feed.Subscriber {

    /// What is smaller is not worth packing.
    private static final int PACKED_FROM_BYTES = 512;

    private enum State {
        LOADING,
        LIVE,
        GONE
    }

    private final Feed feed;
    private final String prefix;
    private final CacheConfig.Collections limits;
    private final NavigableMap<String, Entry> values = new ConcurrentSkipListMap<>(KeyOrder.INSTANCE);
    private final List<StorageEvent> meanwhile = new ArrayList<>();
    /// The latest write of this instance that was acknowledged.
    private final AtomicLong acknowledged = new AtomicLong();

    private volatile State state = State.LOADING;
    private volatile long lastReadNanos = System.nanoTime();
    private long loadedAt;
    private long lastChange;
    private long bytes;
    private volatile int sweep;

    CachedCollection(Feed feed, String prefix, CacheConfig.Collections limits) {
        this.feed = feed;
        this.prefix = prefix;
        this.limits = limits;
    }

    /// A value as it is kept: as the store has it, or packed. Its fields are small, as there are many.
    ///
    /// @param length of the value itself
    private record Entry(byte[] data, int length, boolean packed, long modRevision, int usedInSweep) {

        static Entry of(byte[] value, long modRevision, int sweep) {
            return new Entry(value, value.length, false, modRevision, sweep);
        }

        Entry packedUnlessUsed(int inSweep) {
            if (packed || usedInSweep == inSweep || length < PACKED_FROM_BYTES) {
                return this;
            }
            return new Entry(Packing.pack(data), length, true, modRevision, inSweep);
        }

        byte[] value() {
            return packed ? Packing.unpack(data, length) : data;
        }
    }

    String prefix() {
        return prefix;
    }

    Feed feed() {
        return feed;
    }

    boolean isLive() {
        return state == State.LIVE;
    }

    boolean isGone() {
        return state == State.GONE;
    }

    boolean unreadSince(long nanos) {
        return lastReadNanos - nanos < 0;
    }

    /// A write of a key in it has been acknowledged.
    void acknowledge(long revision) {
        acknowledged.accumulateAndGet(revision, Math::max);
    }

    long acknowledged() {
        return acknowledged.get();
    }

    /// Begins to follow the feed; what comes until [#loaded] waits.
    boolean follow() {
        synchronized (feed) {
            return feed.subscribe(prefix, feed.reached(), this) != null;
        }
    }

    /// Takes what the store had at a revision that was read after [#follow].
    void loaded(List<StoredValue> all, long revision) {
        synchronized (feed) {
            if (state != State.LOADING) {
                return;
            }
            for (StoredValue value : all) {
                put(value.key(), value.value(), value.modRevision());
            }
            loadedAt = revision;
            lastChange = revision;
            for (StorageEvent event : meanwhile) {
                if (event.modRevision() > revision) {
                    apply(event);
                }
            }
            meanwhile.clear();
            state = State.LIVE;
            refuseIfLarge();
        }
    }

    /// Lets everything go; readers turn to the store.
    void drop() {
        synchronized (feed) {
            state = State.GONE;
            feed.unsubscribe(prefix, this);
            values.clear();
            meanwhile.clear();
        }
    }

    /// Whether everything up to `revision` shows in it, now or within the patience that reads have.
    boolean reaches(long revision) {
        lastReadNanos = System.nanoTime();
        return isLive() && (revision <= loadedAt() || feed.await(revision, limits.patience())) && isLive();
    }

    private long loadedAt() {
        synchronized (feed) {
            return loadedAt;
        }
    }

    Optional<StoredValue> get(String key) {
        Entry entry = values.get(key);
        if (entry == null) {
            return Optional.empty();
        }
        byte[] value = entry.value();
        int now = sweep;
        if (entry.packed() || entry.usedInSweep() != now) {
            // whoever is read is likely to be read again
            values.replace(key, entry, Entry.of(value, entry.modRevision(), now));
        }
        return Optional.of(new StoredValue(key, value, entry.modRevision()));
    }

    /// What a page would show now.
    Storage.State state() {
        synchronized (feed) {
            return state == State.LIVE
                    ? new Storage.State(Math.max(loadedAt, feed.reached()), lastChange)
                    : Storage.State.UNKNOWN;
        }
    }

    /// @param limit 0 for all
    /// @return null when it has been let go
    @Nullable
    StoragePage list(String from, int limit) {
        var keys = new ArrayList<String>();
        var entries = new ArrayList<Entry>();
        long revision;
        long changed;
        long total = 0;
        synchronized (feed) {
            if (state != State.LIVE) {
                return null;
            }
            revision = Math.max(loadedAt, feed.reached());
            changed = lastChange;
            for (var entry : values.tailMap(from, true).entrySet()) {
                if (!entry.getKey().startsWith(from)) {
                    break;
                }
                total++;
                if (limit == 0 || total <= limit) {
                    keys.add(entry.getKey());
                    entries.add(entry.getValue());
                }
            }
        }
        var page = new ArrayList<StoredValue>(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            Entry entry = entries.get(i);
            page.add(new StoredValue(keys.get(i), entry.value(), entry.modRevision()));
        }
        return new StoragePage(page, revision, total, changed);
    }

    /// Packs what has not been read since the sweep before.
    void pack() {
        int now = sweep;
        sweep = now + 1;
        values.replaceAll((_, entry) -> entry.packedUnlessUsed(now));
    }

    @Override
    public void onEvents(List<StorageEvent> events) {
        if (state == State.LOADING) {
            meanwhile.addAll(events);
        } else if (state == State.LIVE) {
            events.forEach(this::apply);
            refuseIfLarge();
        }
    }

    @Override
    public void onProgress(long revision) {
        // the feed knows
    }

    @Override
    public void onEnd(StorageException error) {
        state = State.GONE;
        values.clear();
        meanwhile.clear();
    }

    private void apply(StorageEvent event) {
        byte[] value = event.value();
        lastChange = Math.max(lastChange, event.modRevision());
        if (value == null) {
            Entry old = values.remove(event.key());
            bytes -= old == null ? 0 : old.length();
        } else {
            put(event.key(), value, event.modRevision());
        }
    }

    private void put(String key, byte[] value, long modRevision) {
        Entry old = values.put(key, Entry.of(value, modRevision, sweep));
        bytes += value.length - (old == null ? 0 : old.length());
    }

    private void refuseIfLarge() {
        if (bytes > limits.maxBytes() || (meanwhile.isEmpty() && isCrowded())) {
            drop();
        }
    }

    private boolean isCrowded() {
        // counting walks all keys: only worth it when the bytes say that there may be many
        return bytes / 200 > limits.maxKeys() && values.size() > limits.maxKeys();
    }
}
