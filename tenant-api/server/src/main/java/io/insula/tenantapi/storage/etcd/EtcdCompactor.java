package io.insula.tenantapi.storage.etcd;

import io.insula.tenantapi.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps between one and two intervals of an etcd's history: at each tick it compacts to the revision of the tick
/// before. Confined to the scheduler's thread. Source: kubernetes/apiserver, `storage/etcd3/compact.go`.
public final class EtcdCompactor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EtcdCompactor.class);

    private final EtcdStorage storage;
    private final ScheduledFuture<?> ticks;
    private long previous;

    private EtcdCompactor(EtcdStorage storage, ScheduledExecutorService scheduler, Duration interval) {
        this.storage = storage;
        this.ticks = scheduler.scheduleWithFixedDelay(
                this::tick, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// Upstream's interval is five minutes.
    public static EtcdCompactor start(EtcdStorage storage, ScheduledExecutorService scheduler, Duration interval) {
        return new EtcdCompactor(storage, scheduler, interval);
    }

    private void tick() {
        try {
            long current = storage.currentRevision();
            if (previous > 0 && current > previous) {
                storage.compact(previous);
            }
            previous = current;
        } catch (StorageException e) {
            LOG.atWarn().setCause(e).log("compaction failed: trying again at the next tick");
        }
    }

    @Override
    public void close() {
        ticks.cancel(false);
    }
}
