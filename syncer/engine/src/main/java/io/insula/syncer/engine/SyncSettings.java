package io.insula.syncer.engine;

import java.time.Duration;

/// How the engine works. Immutable.
///
/// @param workers keys worked on at a time, over all tenants
/// @param scan time between drift scans
/// @param requestTimeout deadline of one request to an API server
/// @param bulkFloor unwitnessed deletes per tenant and window that never count as bulk
/// @param bulkShare share of a tenant's host objects whose unwitnessed deletion in one window is held back
/// @param bulkWindow the window
public record SyncSettings(
        int workers, Duration scan, Duration requestTimeout, int bulkFloor, double bulkShare, Duration bulkWindow) {

    public static final SyncSettings DEFAULT =
            new SyncSettings(8, Duration.ofSeconds(60), Duration.ofSeconds(20), 5, 0.5, Duration.ofMinutes(5));

    public SyncSettings {
        if (workers < 1) {
            throw new IllegalArgumentException("workers: " + workers + " (expected: >= 1)");
        }
    }

    public SyncSettings withScan(Duration wanted) {
        return new SyncSettings(workers, wanted, requestTimeout, bulkFloor, bulkShare, bulkWindow);
    }
}
