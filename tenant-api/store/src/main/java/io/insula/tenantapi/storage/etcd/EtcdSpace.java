package io.insula.tenantapi.storage.etcd;

import io.etcd.jetcd.api.AlarmMember;
import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AlarmType;
import io.etcd.jetcd.api.DefragmentRequest;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.grpc.StatusRuntimeException;
import io.insula.tenantapi.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gets an etcd out of its space alarm. At its limit etcd takes nothing but deletions, and it stays so when
/// there is space again, until somebody compacts, defragments and disarms: this does, as soon as what is
/// stored leaves enough free. Says meanwhile that the store is read-only. The scheduler only wakes it; the
/// work is on a virtual thread of its own. Source: etcd operations guide, "Space quota".
public final class EtcdSpace implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EtcdSpace.class);
    private static final Duration QUICK = Duration.ofSeconds(10);

    /// etcd answers nobody else meanwhile, and copies all there is.
    private static final Duration DEFRAGMENTED_WITHIN = Duration.ofMinutes(5);

    private static final Duration DEFRAGMENTED_AGAIN = Duration.ofMinutes(1);

    /// Without an alarm etcd is asked at one of so many ticks: whoever writes learns of it at once.
    private static final int SELDOM = 8;

    private final EtcdStorage storage;
    private final long limitBytes;
    private final AtomicBoolean working = new AtomicBoolean();
    private final ScheduledFuture<?> ticks;
    private int tick;
    /// Guarded by `working`, as all below.
    private volatile boolean told;

    /// At which revision defragmenting did not help; 0 where it was not tried since the alarm.
    private volatile long triedRevision;

    private volatile long triedNanos;

    private EtcdSpace(EtcdStorage storage, ScheduledExecutorService scheduler, Duration interval, long quotaBytes) {
        this.storage = storage;
        // Less would only bring the alarm back with the next writes.
        this.limitBytes = quotaBytes / 10 * 9;
        this.ticks = scheduler.scheduleWithFixedDelay(
                this::wake, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// @param interval how often the way out is tried while there is an alarm
    /// @param quotaBytes etcd's own, `--quota-backend-bytes`
    public static EtcdSpace start(
            EtcdStorage storage, ScheduledExecutorService scheduler, Duration interval, long quotaBytes) {
        return new EtcdSpace(storage, scheduler, interval, quotaBytes);
    }

    @Override
    public void close() {
        ticks.cancel(false);
    }

    private void wake() {
        boolean due = tick++ % SELDOM == 0 || storage.readOnlyBecause().isPresent();
        if (due && working.compareAndSet(false, true)) {
            Thread.ofVirtual().name("insula-etcd-space").start(() -> {
                try {
                    look();
                } catch (StatusRuntimeException | StorageException e) {
                    // An etcd that is away is others' business; the next tick asks again.
                    LOG.atDebug().setCause(e).log("cannot look after etcd's space");
                } finally {
                    working.set(false);
                }
            });
        }
    }

    private void look() {
        boolean alarm = askForAlarm();
        if (!alarm) {
            told = false;
            return;
        }
        if (!told) {
            LOG.atError().log("etcd is out of space: the cluster is read-only until enough of it has been deleted");
            told = true;
        }
        long revision = storage.currentRevision();
        storage.compact(revision, true);
        StatusResponse compacted = status();
        if (!isWorthDefragmenting(compacted, revision)) {
            return;
        }
        triedRevision = revision;
        triedNanos = System.nanoTime();
        storage.maintenance(DEFRAGMENTED_WITHIN).defragment(DefragmentRequest.getDefaultInstance());
        StatusResponse after = status();
        if (after.getDbSize() > limitBytes) {
            LOG.atWarn()
                    .addKeyValue("bytes", after.getDbSize())
                    .addKeyValue("limitBytes", limitBytes)
                    .log("etcd is still out of space: more must be deleted");
            return;
        }
        disarm();
        triedRevision = 0;
        var _ = askForAlarm();
        LOG.atInfo()
                .addKeyValue("bytesBefore", compacted.getDbSize())
                .addKeyValue("bytesAfter", after.getDbSize())
                .log("etcd has space again");
    }

    /// Pages that the last write freed count as used until there is another write, so that the figure alone could keep
    /// us waiting for ever.
    private boolean isWorthDefragmenting(StatusResponse compacted, long revision) {
        if (compacted.getDbSizeInUse() <= limitBytes || triedRevision == 0) {
            return true;
        }
        return revision != triedRevision && System.nanoTime() - triedNanos > DEFRAGMENTED_AGAIN.toNanos();
    }

    private StatusResponse status() {
        return storage.maintenance(QUICK).status(StatusRequest.getDefaultInstance());
    }

    /// Asks etcd, and tells whoever wants to know of the store.
    private boolean askForAlarm() {
        long refusals = storage.space().refusals();
        boolean alarmed = status().getErrorsList().stream().anyMatch(alarm -> alarm.contains(AlarmType.NOSPACE.name()));
        storage.space().told(alarmed, refusals);
        return alarmed;
    }

    private void disarm() {
        var all = AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.GET)
                .build();
        for (AlarmMember alarm : storage.maintenance(QUICK).alarm(all).getAlarmsList()) {
            if (alarm.getAlarm() == AlarmType.NOSPACE) {
                storage.maintenance(QUICK)
                        .alarm(AlarmRequest.newBuilder()
                                .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                                .setMemberID(alarm.getMemberID())
                                .setAlarm(AlarmType.NOSPACE)
                                .build());
            }
        }
    }
}
