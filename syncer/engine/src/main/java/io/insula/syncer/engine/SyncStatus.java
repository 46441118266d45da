package io.insula.syncer.engine;

/// How far one tenant is. Immutable.
///
/// @param synced whether both sides have been listed since it was attached
/// @param waiting keys in its queue
/// @param mismatches objects found different by the last drift scan
/// @param holdsDeletes whether bulk deletes are being held back
public record SyncStatus(TenantId tenant, boolean synced, int waiting, long mismatches, boolean holdsDeletes) {}
