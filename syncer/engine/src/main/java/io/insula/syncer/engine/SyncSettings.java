package io.insula.syncer.engine;

import io.insula.reconcile.Backoff;
import java.time.Duration;

/// How the engine works. Immutable.
///
/// @param workers keys worked on at a time, over all tenants
/// @param scan time between drift scans
/// @param retry pauses between attempts of one key that fails; one that waits for a server that is away does not pause
/// @param requestTimeout deadline of one request to an API server
/// @param bulkFloor unwitnessed deletes per tenant and window that never count as bulk
/// @param bulkShare share of a tenant's host objects whose unwitnessed deletion in one window is held back
/// @param bulkWindow the window
/// @param hostRanges addresses of the host cluster, besides what it says itself
public record SyncSettings(
        int workers,
        Duration scan,
        Backoff retry,
        Duration requestTimeout,
        int bulkFloor,
        double bulkShare,
        Duration bulkWindow,
        HostRanges hostRanges) {

    private static final Backoff RETRY = new Backoff(Duration.ofMillis(200), Duration.ofMinutes(1));

    public static final SyncSettings DEFAULT =
            new SyncSettings(8, Duration.ofSeconds(60), Duration.ofSeconds(20), 5, 0.5, Duration.ofMinutes(5));

    public SyncSettings {
        if (workers < 1) {
            throw new IllegalArgumentException("workers: " + workers + " (expected: >= 1)");
        }
    }

    /// On a host that says all its addresses itself.
    public SyncSettings(
            int workers, Duration scan, Duration requestTimeout, int bulkFloor, double bulkShare, Duration bulkWindow) {
        this(workers, scan, RETRY, requestTimeout, bulkFloor, bulkShare, bulkWindow, HostRanges.NONE);
    }

    public SyncSettings withScan(Duration wanted) {
        return new SyncSettings(workers, wanted, retry, requestTimeout, bulkFloor, bulkShare, bulkWindow, hostRanges);
    }

    public SyncSettings withRetry(Backoff wanted) {
        return new SyncSettings(workers, scan, wanted, requestTimeout, bulkFloor, bulkShare, bulkWindow, hostRanges);
    }

    public SyncSettings withHostRanges(HostRanges wanted) {
        return new SyncSettings(workers, scan, retry, requestTimeout, bulkFloor, bulkShare, bulkWindow, wanted);
    }
}
