package io.insula.controlplane.tenant;

import io.insula.reconcile.Outcome;

/// Ready is asked, not remembered: what is watched from here on answers by itself, and a change of its state brings
/// the tenant back.
record HealthStep(TenantHealth health) implements TenantStep {

    @Override
    public String condition() {
        return TenantCondition.READY;
    }

    @Override
    public Outcome settle(Tenant tenant, TenantUnit unit) {
        String name = TenantObjects.nameOf(tenant);
        health.watch(name);
        return health.waitsFor(name).orElse(Outcome.SETTLED);
    }
}
