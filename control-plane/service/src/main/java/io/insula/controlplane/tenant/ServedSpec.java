package io.insula.controlplane.tenant;

import io.insula.tenantapi.auth.structured.AuthenticationConfig;
import org.jspecify.annotations.Nullable;

/// What a tenant's API server goes by of its spec, from the next request on. Written by one reconciling thread at a
/// time, read by any.
final class ServedSpec {

    private @Nullable TenantSpec read;
    private volatile AuthenticationConfig authentication = AuthenticationConfig.NONE;
    private volatile boolean suspended;
    private volatile SyncedKinds kinds = SyncedKinds.NONE;

    /// The server takes the tokens that `spec` says.
    ///
    /// @throws IllegalArgumentException when it says nonsense: what held before goes on
    void authenticateBy(TenantSpec spec) {
        if (!spec.equals(read)) {
            authentication = spec.authenticationConfig();
            read = spec;
        }
    }

    /// The server takes writes of nobody but the syncer, or of all again.
    void suspend(boolean now) {
        suspended = now;
    }

    /// The syncer may do what these need.
    void sync(SyncedKinds now) {
        kinds = now;
    }

    SyncedKinds kinds() {
        return kinds;
    }

    AuthenticationConfig authentication() {
        return authentication;
    }

    boolean isSuspended() {
        return suspended;
    }
}
