package io.insula.syncer.engine;

import java.util.Map;

/// How far one tenant is. Immutable.
///
/// @param synced whether both sides have been listed since it was attached
/// @param waiting keys in its queue
/// @param scans drift scans since it was attached, also those it did not answer
/// @param mismatches objects found different by the last drift scan, by name of the syncer; all syncers are
///     named
/// @param holdsDeletes whether bulk deletes are being held back
public record SyncStatus(
        TenantId tenant, boolean synced, int waiting, long scans, Map<String, Long> mismatches, boolean holdsDeletes) {

    public SyncStatus {
        mismatches = Map.copyOf(mismatches);
    }

    /// Over all syncers.
    public long different() {
        return mismatches.values().stream().mapToLong(Long::longValue).sum();
    }
}
