package io.insula.tenantapi.storage.etcd;

import io.insula.tenantapi.storage.StorageException;
import io.insula.tenantapi.storage.StoredValue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps between one and two intervals of an etcd's history: at each tick it compacts to the revision of the
/// tick before. Each tick writes a key of its own: so revisions go on where nothing else is written, and of
/// several servers on one etcd only the one whose write comes first compacts. Confined to the scheduler's
/// thread.
/// Source: kubernetes/apiserver, `storage/etcd3/compact.go`.
public final class EtcdCompactor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EtcdCompactor.class);

    /// Outside of every object's prefix; the same key as upstream's.
    private static final String KEY = "compact_rev_key";

    private final EtcdStorage storage;
    private final AtomicBoolean working = new AtomicBoolean();
    private final ScheduledFuture<?> ticks;

    /// The revision of the last tick, ours or another server's; 0 before the first. Guarded by `working`.
    private volatile long previous;

    private EtcdCompactor(EtcdStorage storage, ScheduledExecutorService scheduler, Duration interval) {
        this.storage = storage;
        this.ticks = scheduler.scheduleWithFixedDelay(
                this::tick, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// Upstream's interval is five minutes.
    ///
    /// @param scheduler only tells the time: an etcd that does not answer must hold up nobody else who asks it
    public static EtcdCompactor start(EtcdStorage storage, ScheduledExecutorService scheduler, Duration interval) {
        return new EtcdCompactor(storage, scheduler, interval);
    }

    private void tick() {
        if (working.compareAndSet(false, true)) {
            Thread.ofVirtual().name("insula-etcd-compaction").start(this::run);
        }
    }

    private void run() {
        try {
            advance();
        } catch (RuntimeException e) {
            // whatever it is, also a store that is being closed: the next tick starts afresh
            LOG.atWarn().setCause(e).log("compaction failed: trying again at the next tick");
        } finally {
            working.set(false);
        }
    }

    private void advance() {
        byte[] value = Long.toString(previous).getBytes(StandardCharsets.US_ASCII);
        long current;
        try {
            current = previous == 0 ? storage.create(KEY, value, Duration.ZERO) : storage.update(KEY, value, previous);
        } catch (StorageException.KeyExists | StorageException.Conflict e) {
            previous = storage.get(KEY).map(StoredValue::modRevision).orElse(0L);
            return;
        }
        if (previous > 0) {
            storage.compact(previous);
        }
        previous = current;
    }

    @Override
    public void close() {
        ticks.cancel(false);
    }
}
