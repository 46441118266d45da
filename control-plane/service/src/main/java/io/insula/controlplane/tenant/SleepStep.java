package io.insula.controlplane.tenant;

import io.insula.reconcile.Outcome;
import io.insula.reconcile.Outcome.Terminal;

/// A tenant that is marked as asleep has nothing running, until somebody asks it for something: then the mark is taken
/// off, and it is started like any other. On the host everything stays as it is, for nobody looks after it meanwhile.
record SleepStep(Attachments attachments, TenantObjects objects, TenantHealth health, UnaskedEvents events)
        implements TenantStep {

    /// Why a tenant is not ready that sleeps.
    static final String ASLEEP = "Asleep";

    @Override
    public String condition() {
        return TenantCondition.READY;
    }

    @Override
    public Outcome settle(Tenant tenant, TenantUnit unit) {
        String name = TenantObjects.nameOf(tenant);
        if (!isMarked(tenant)) {
            return Outcome.SETTLED;
        }
        if (unit.runtime().isWanted()) {
            objects.removeAnnotations(tenant, Tenancy.ASLEEP);
            unit.runtime().wake();
            events.woken(name);
            return Outcome.SETTLED;
        }
        // the syncer first: what it does not see any more must not look deleted to it
        attachments.detach(name);
        health.forget(name);
        unit.runtime().sleep();
        return new Terminal(ASLEEP, "nothing of it runs; the first request at its endpoint wakes it");
    }

    static boolean isMarked(Tenant tenant) {
        return TenantObjects.hasAnnotation(tenant, Tenancy.ASLEEP);
    }
}
