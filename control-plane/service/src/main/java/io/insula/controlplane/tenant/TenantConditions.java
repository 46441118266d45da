package io.insula.controlplane.tenant;

import io.insula.reconcile.Outcome;
import io.insula.reconcile.Outcome.Failed;
import io.insula.reconcile.Outcome.RequeueAfter;
import io.insula.reconcile.Outcome.Settled;
import io.insula.reconcile.Outcome.Terminal;
import java.time.InstantSource;
import java.util.List;

/// What an outcome means in a tenant's status. Stateless.
record TenantConditions(InstantSource clock) {

    /// In the order in which they come to hold.
    private static final List<String> TYPES =
            List.of(TenantCondition.ACCEPTED, TenantCondition.PROVISIONED, TenantCondition.READY);

    /// With the conditions before `type` holding, and from `type` on as the outcome says.
    TenantStatus apply(Tenant tenant, TenantStatus status, String type, Outcome outcome) {
        int reached = TYPES.indexOf(type);
        for (int i = 0; i < TYPES.size(); i++) {
            status = status.with(condition(tenant, TYPES.get(i), i < reached ? Outcome.SETTLED : outcome));
        }
        return status;
    }

    TenantCondition condition(Tenant tenant, String type, Outcome outcome) {
        return switch (outcome) {
            case Settled() -> of(tenant, type, true, type, "");
            case RequeueAfter(var _, String reason, String waitingFor) -> of(tenant, type, false, reason, waitingFor);
            case Terminal(String reason, String message) -> of(tenant, type, false, reason, message);
            case Failed(String reason, String message, var _) -> of(tenant, type, false, reason, message);
        };
    }

    private TenantCondition of(Tenant tenant, String type, boolean holds, String reason, String message) {
        return TenantCondition.of(type, holds, tenant.getMetadata().getGeneration(), clock.instant(), reason, message);
    }
}
