package io.insula.tenantapi.storage.cache;

import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.Storage.Freshness;
import io.insula.tenantapi.storage.StorageException;
import io.insula.tenantapi.storage.StoragePage;
import io.insula.tenantapi.storage.StoredValue;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which collections are kept in memory: those that admission looks into from the first look on, others from the third
/// read within seconds; each until it has not been read for a while. Thread-safe.
final class CachedCollections {

    private static final Logger LOG = LoggerFactory.getLogger(CachedCollections.class);
    private static final int WANTED_READS = 3;
    private static final int PAGE = 1_000;

    private final Storage store;
    private final CacheConfig.Collections limits;
    private final Supplier<Feed> feeds;
    private final Executor executor;
    private final Runnable onUnused;
    private final Map<String, CachedCollection> cached = new ConcurrentHashMap<>();
    private final Map<String, Demand> demands = new ConcurrentHashMap<>();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private volatile boolean closed;

    /// @param feeds the running feed, or a new one
    /// @param onUnused hears when a collection has been let go
    CachedCollections(
            Storage store, CacheConfig.Collections limits, Supplier<Feed> feeds, Executor executor, Runnable onUnused) {
        this.store = store;
        this.limits = limits;
        this.feeds = feeds;
        this.executor = executor;
        this.onUnused = onUnused;
    }

    /// Reads of a collection that is not in memory.
    ///
    /// @param notBeforeNanos when loading it may be tried
    private record Demand(long sinceNanos, int reads, long notBeforeNanos) {}

    int live() {
        return (int) cached.values().stream().filter(CachedCollection::isLive).count();
    }

    /// The collection, if it is in memory; else its reads are counted.
    @Nullable
    CachedCollection find(String prefix, Freshness freshness) {
        CachedCollection known = cached.get(prefix);
        if (known == null) {
            wanted(prefix, freshness);
            return null;
        }
        return known.isLive() ? known : null;
    }

    /// Notes that a write has been acknowledged.
    ///
    /// @return the revision
    long acknowledged(String key, long revision) {
        if (!cached.isEmpty()) {
            for (int slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
                CachedCollection collection = cached.get(key.substring(0, slash + 1));
                if (collection != null) {
                    collection.acknowledge(revision);
                }
            }
        }
        return revision;
    }

    private void wanted(String prefix, Freshness freshness) {
        long now = System.nanoTime();
        Demand demand = demands.compute(prefix, (_, known) -> {
            if (known == null || now - known.sinceNanos() > limits.sweep().toNanos()) {
                return new Demand(now, 1, known == null ? now : known.notBeforeNanos());
            }
            return new Demand(known.sinceNanos(), known.reads() + 1, known.notBeforeNanos());
        });
        boolean enough = freshness == Freshness.OWN_WRITES || demand.reads() >= WANTED_READS;
        if (enough && now - demand.notBeforeNanos() >= 0 && !closed) {
            demands.put(prefix, new Demand(now, 0, now + limits.keep().toNanos()));
            executor.execute(() -> load(prefix));
        }
    }

    private void load(String prefix) {
        try {
            var fresh = new CachedCollection(feeds.get(), prefix, limits);
            if (cached.putIfAbsent(prefix, fresh) != null) {
                return;
            }
            boolean kept = false;
            try {
                kept = fresh.follow() && fill(fresh);
            } finally {
                if (!kept) {
                    forget(fresh);
                }
            }
            sweepLater();
        } catch (StorageException e) {
            LOG.atDebug().setCause(e).addKeyValue("prefix", prefix).log("collection cannot be read into memory");
        }
    }

    /// @return false when there is too much
    private boolean fill(CachedCollection fresh) {
        String prefix = fresh.prefix();
        StoragePage page = store.list(prefix, "", 0, PAGE);
        long revision = page.revision();
        var all = new ArrayList<StoredValue>(page.values());
        long bytes = bytes(page);
        while (page.more()) {
            if (page.total() > limits.maxKeys() || bytes > limits.maxBytes()) {
                return false;
            }
            page = store.list(prefix, all.getLast().key() + "\0", revision, PAGE);
            all.addAll(page.values());
            bytes += bytes(page);
        }
        fresh.loaded(all, revision);
        demands.remove(prefix);
        return true;
    }

    private static long bytes(StoragePage page) {
        return page.values().stream().mapToLong(value -> value.value().length).sum();
    }

    private void forget(CachedCollection collection) {
        collection.drop();
        cached.remove(collection.prefix(), collection);
        onUnused.run();
    }

    /// What could not stay shall not come back at once.
    private void postpone(CachedCollection collection) {
        if (collection.isGone()) {
            long now = System.nanoTime();
            demands.put(
                    collection.prefix(), new Demand(now, 0, now + limits.keep().toNanos()));
        }
    }

    private void sweepLater() {
        if (!closed && sweeping.compareAndSet(false, true)) {
            CompletableFuture.delayedExecutor(limits.sweep().toNanos(), TimeUnit.NANOSECONDS, executor)
                    .execute(this::sweep);
        }
    }

    private void sweep() {
        sweeping.set(false);
        long oldest = System.nanoTime() - limits.keep().toNanos();
        for (CachedCollection collection : cached.values()) {
            if (collection.isGone() || collection.unreadSince(oldest)) {
                postpone(collection);
                forget(collection);
            } else if (collection.isLive()) {
                collection.pack();
            }
        }
        long now = System.nanoTime();
        demands.values()
                .removeIf(demand -> now - demand.sinceNanos() > limits.keep().toNanos());
        if (!cached.isEmpty()) {
            sweepLater();
        }
    }

    void close() {
        closed = true;
        cached.values().forEach(CachedCollection::drop);
        cached.clear();
    }
}
