package io.insula.controlplane.tenant;

import io.insula.reconcile.Outcome;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What this process holds for one tenant: what runs, the profiles it was last seen with, and how the last look at it
/// ended. All of it can be lost at any moment; nothing of it is needed to go on. Thread-safe as far as its parts are.
final class TenantUnit {

    private final TenantRuntime runtime;
    private final ProfileSource profiles;
    private volatile SyncedKinds kinds = SyncedKinds.NONE;
    private volatile Outcome last = Outcome.SETTLED;
    private final Map<String, TenantCondition> told = new ConcurrentHashMap<>();

    /// @param profiles may answer from memory
    TenantUnit(TenantRuntime runtime, ProfileSource profiles) {
        this.runtime = runtime;
        this.profiles = profiles;
    }

    /// The custom kinds that it was last looked at with.
    SyncedKinds kinds() {
        return kinds;
    }

    void sync(SyncedKinds now) {
        kinds = now;
        runtime.served().sync(now);
    }

    TenantRuntime runtime() {
        return runtime;
    }

    ProfileSource profiles() {
        return profiles;
    }

    /// What its status is to say besides, a condition of each type: how its last backup went, or its last restore.
    Collection<TenantCondition> told() {
        return told.values();
    }

    void tell(TenantCondition condition) {
        told.put(condition.type(), condition);
    }

    Outcome last() {
        return last;
    }

    void endedWith(Outcome outcome) {
        last = outcome;
    }
}
