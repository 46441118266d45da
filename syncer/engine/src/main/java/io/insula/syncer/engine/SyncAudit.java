package io.insula.syncer.engine;

import java.time.Instant;

/// Where every write of the syncer is reported, after it was answered. Called from many threads; must not block long
/// and must not throw.
@FunctionalInterface
public interface SyncAudit {

    void written(SyncWrite write);

    /// One write.
    ///
    /// @param side which API server
    /// @param verb as in RBAC: create, patch, delete
    /// @param uri path and query as they were sent
    /// @param requestId the `Audit-ID` that was sent with it: the API server's own event has it as its auditID
    /// @param begun when it was sent
    /// @param tenantObject the tenant object it was done for
    /// @param code the HTTP status answered, 200 for every success; 0 if there was no answer
    /// @param reason why it was done
    /// @param failure what went wrong; empty where nothing did
    record SyncWrite(
            Side side,
            String verb,
            Target target,
            String uri,
            String requestId,
            Instant begun,
            SyncKey tenantObject,
            int code,
            String reason,
            String failure) {}

    /// What was written, as that side names it.
    ///
    /// @param group empty for the core group
    /// @param subresource empty for the object itself
    /// @param namespace empty for cluster-scoped objects
    record Target(String group, String version, String resource, String subresource, String namespace, String name) {}

    enum Side {
        TENANT,
        HOST
    }
}
