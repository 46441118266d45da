package io.insula.controlplane.tenant;

import io.insula.reconcile.Outcome;

/// Before anything of a tenant exists, its object is held: it goes only after what was made for it.
record FinalizerStep(TenantObjects objects) implements TenantStep {

    @Override
    public String condition() {
        return TenantCondition.PROVISIONED;
    }

    @Override
    public Outcome settle(Tenant tenant, TenantUnit unit) {
        objects.hold(tenant);
        return Outcome.SETTLED;
    }
}
