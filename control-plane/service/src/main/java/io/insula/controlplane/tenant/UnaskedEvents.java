package io.insula.controlplane.tenant;

import io.insula.syncer.engine.InsulaLabels;
import io.insula.tenantapi.audit.AuditSink;
import io.insula.tenantapi.audit.AuditTrail;
import io.insula.tenantapi.auth.UserInfo;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Records what is done to a tenant though no superuser asked for it (sleep, wake, scheduled backups), in the
/// tenant's own trail: what they ask for is recorded by the admin API. Thread-safe.
///
/// @param audit the sink of a tenant's trail
record UnaskedEvents(Function<String, AuditSink> audit, Clock clock) {

    private static final UserInfo CONTROL_PLANE = new UserInfo("system:insula:control-plane", "", List.of(), Map.of());
    private static final String AGENT = "insula-control-plane";
    private static final int OK = 200;

    /// Nobody has used it for long enough.
    void unused(String tenant) {
        record(tenant, "sleep", "unused for as long as its idlePolicy says");
    }

    /// Somebody has asked it for something: the API server's own event says who.
    void woken(String tenant) {
        record(tenant, "wake", "a request arrived at its endpoint");
    }

    /// Its spec says that it was time.
    void backedUp(String tenant, String backup) {
        record(tenant, "backup", "scheduled; it is " + backup);
    }

    /// What a superuser has asked for is done.
    ///
    /// @param what it was, of which backup
    void restored(String tenant, String what) {
        record(tenant, "restore", what);
    }

    /// A key of its has been changed so far.
    ///
    /// @param what it was, without the key
    void rotated(String tenant, String what) {
        record(tenant, "rotate", what);
    }

    private void record(String tenant, String change, String reason) {
        try {
            new AuditTrail(audit.apply(tenant), clock, "")
                    .request(
                            "/apis/" + Tenancy.GROUP + "/" + Tenancy.VERSION + "/tenants/" + tenant,
                            "patch",
                            AGENT,
                            List.of())
                    .receivedAt(clock.instant())
                    .user(CONTROL_PLANE)
                    .object(Tenancy.GROUP, Tenancy.VERSION, "tenants", "", "", tenant)
                    .annotate("insula.io/tenant-change", change)
                    .annotate(InsulaLabels.REASON, reason)
                    .complete(OK);
        } catch (AuditSink.Unavailable e) {
            // It has been done; the sink counts what it could not take and says so in the trail.
        }
    }
}
