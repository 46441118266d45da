package io.insula.controlplane.audit;

import io.insula.tenantapi.audit.AuditSink;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether the trail can be written, which is the same for all spools, as they are on one disk. Once a write fails,
/// the events of what is under way may use the reserve, and nothing new is begun until that can be set aside again.
/// Thread-safe.
final class AuditDisk {

    private static final Logger LOG = LoggerFactory.getLogger(AuditDisk.class);
    private static final long TRY_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

    private final SpoolReserve reserve;
    private final AtomicLong triedNanos = new AtomicLong();
    private final Map<String, Long> unrecorded = new TreeMap<>();
    private volatile @Nullable IOException failure;

    AuditDisk(SpoolReserve reserve) {
        this.reserve = reserve;
    }

    /// Writes something.
    @FunctionalInterface
    interface Write {
        void run() throws IOException;
    }

    /// Sets the reserve aside; where there is no space for it, nothing is taken yet.
    void begin() {
        if (!reserve.fill()) {
            fail(new IOException("no space for a reserve of " + SpoolReserve.BYTES + " bytes"));
        }
    }

    boolean isRefusing() {
        return failure != null;
    }

    /// Answers whether the disk takes events again just now, for the first time after a failure.
    ///
    /// @throws AuditSink.Unavailable when it does not take any
    boolean requireTaking() {
        IOException known = failure;
        if (known == null) {
            return false;
        }
        long now = System.nanoTime();
        long tried = triedNanos.get();
        boolean mine = now - tried >= TRY_EVERY_NANOS && triedNanos.compareAndSet(tried, now);
        if (!mine || !reserve.fill()) {
            throw new AuditSink.Unavailable(reason(known), known);
        }
        failure = null;
        LOG.atInfo().log("audit events can be written to disk again");
        return true;
    }

    /// @throws AuditSink.Unavailable when it could not be written, not even with the reserve
    void write(String tenant, Write write) {
        try {
            write.run();
        } catch (IOException first) {
            fail(first);
            try {
                if (!reserve.release()) {
                    throw first;
                }
                write.run();
            } catch (IOException e) {
                synchronized (unrecorded) {
                    unrecorded.merge(tenant, 1L, Long::sum);
                }
                throw new AuditSink.Unavailable(reason(e), e);
            }
        }
    }

    /// How many events could not be written, by tenant; forgotten by that.
    Map<String, Long> takeUnrecorded() {
        synchronized (unrecorded) {
            Map<String, Long> taken = Map.copyOf(unrecorded);
            unrecorded.clear();
            return taken;
        }
    }

    private void fail(IOException e) {
        if (failure == null) {
            triedNanos.set(System.nanoTime());
            failure = e;
            LOG.atError()
                    .setCause(e)
                    .log("audit events cannot be written to disk: requests are refused until they can");
        }
    }

    /// For clients: without the names of folders.
    private static String reason(IOException e) {
        String text = String.valueOf(e.getMessage());
        return text.contains("o space") || text.contains("uota exceeded")
                ? "no space left on its disk"
                : "its disk cannot be written";
    }
}
