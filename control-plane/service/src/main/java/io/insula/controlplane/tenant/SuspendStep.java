package io.insula.controlplane.tenant;

import io.insula.reconcile.Outcome;
import java.time.InstantSource;
import java.util.Optional;

/// A tenant that its superuser has suspended is so before its server takes the first request, and whatever else is
/// wrong with it: hence the first of all steps, and one that cannot fail.
record SuspendStep(InstantSource clock) implements TenantStep {

    @Override
    public String condition() {
        return TenantCondition.ACCEPTED;
    }

    @Override
    public Outcome settle(Tenant tenant, TenantUnit unit) {
        boolean isSuspended = tenant.getSpec().isSuspended();
        unit.runtime().served().suspend(isSuspended);
        if (isSuspended || isTold(tenant)) {
            unit.tell(TenantCondition.of(
                    TenantCondition.SUSPENDED,
                    isSuspended,
                    tenant.getMetadata().getGeneration(),
                    clock.instant(),
                    isSuspended ? "Suspended" : "Resumed",
                    isSuspended ? "it can be read, and written by nobody but the system; its pods go on" : ""));
        }
        return Outcome.SETTLED;
    }

    private static boolean isTold(Tenant tenant) {
        return Optional.ofNullable(tenant.getStatus())
                .flatMap(status -> status.condition(TenantCondition.SUSPENDED))
                .isPresent();
    }
}
