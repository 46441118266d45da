package io.insula.controlplane.tenant;

import io.insula.reconcile.Outcome;

/// What this process holds for one tenant: what runs, the profiles it was last seen with, and how the last look at it
/// ended. All of it can be lost at any moment; nothing of it is needed to go on. Thread-safe as far as its parts are.
final class TenantUnit {

    private final TenantRuntime runtime;
    private final ProfileSource profiles;
    private volatile Outcome last = Outcome.SETTLED;

    /// @param profiles may answer from memory
    TenantUnit(TenantRuntime runtime, ProfileSource profiles) {
        this.runtime = runtime;
        this.profiles = profiles;
    }

    TenantRuntime runtime() {
        return runtime;
    }

    ProfileSource profiles() {
        return profiles;
    }

    Outcome last() {
        return last;
    }

    void endedWith(Outcome outcome) {
        last = outcome;
    }
}
