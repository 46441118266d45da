package io.insula.syncer.engine;

import java.util.List;
import java.util.Map;

/// How far one tenant is. Immutable.
///
/// @param synced whether both sides have been listed since it was attached
/// @param waiting keys in its queue
/// @param scans drift scans since it was attached, also those it did not answer
/// @param mismatches objects found different by the last drift scan, by name of the syncer; all syncers are
///     named
/// @param holdsDeletes whether bulk deletes are being held back
/// @param troubles what keeps it out of step with the host, the weightiest first; empty when all is in order
public record SyncStatus(
        TenantId tenant,
        boolean synced,
        int waiting,
        long scans,
        Map<String, Long> mismatches,
        boolean holdsDeletes,
        List<SyncTrouble> troubles) {

    public SyncStatus {
        troubles = List.copyOf(troubles);
        mismatches = Map.copyOf(mismatches);
    }

    /// Over all syncers.
    public long different() {
        return mismatches.values().stream().mapToLong(Long::longValue).sum();
    }
}
