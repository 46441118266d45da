package io.insula.controlplane.tenant;

import io.insula.reconcile.Outcome;
import io.insula.reconcile.Outcome.Terminal;

/// Whose tokens the tenant's API server takes. What makes no sense leaves a running server as it is, and lets no new
/// one start.
record AuthenticationStep() implements TenantStep {

    @Override
    public String condition() {
        return TenantCondition.ACCEPTED;
    }

    @Override
    public Outcome settle(Tenant tenant, TenantUnit unit) {
        try {
            unit.runtime().served().authenticateBy(tenant.getSpec());
            return Outcome.SETTLED;
        } catch (IllegalArgumentException e) {
            return new Terminal("InvalidAuthentication", "spec.authentication: " + e.getMessage());
        }
    }
}
