package io.insula.syncer.engine;

/// Where every write of the syncer is reported, after it was answered. Called from many threads; must not block long
/// and must not throw.
@FunctionalInterface
public interface SyncAudit {

    void written(SyncWrite write);

    /// One write.
    ///
    /// @param side which API server
    /// @param verb as in RBAC: create, patch, delete
    /// @param resource `group/plural[/subresource]`, with an empty group for the core group
    /// @param namespace on that side; empty for cluster-scoped objects
    /// @param tenantObject the tenant object it was done for
    /// @param code the HTTP status answered; 0 if there was no answer
    /// @param reason why, or what went wrong
    record SyncWrite(
            Side side,
            String verb,
            String resource,
            String namespace,
            String name,
            SyncKey tenantObject,
            int code,
            String reason) {}

    enum Side {
        TENANT,
        HOST
    }
}
