package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.tenant.Clusters.Role.Guest;
import io.insula.reconcile.Outcome;
import io.insula.reconcile.Outcome.RequeueAfter;
import java.time.Duration;

/// The API server, up to its readiness.
record ServerStep(KubernetesClient host, AuditTrail audit, TenantHealth health) implements TenantStep {

    private static final Duration SOON = Duration.ofMillis(300);

    @Override
    public String condition() {
        return TenantCondition.READY;
    }

    @Override
    public Outcome settle(Tenant tenant, TenantUnit unit) {
        String name = TenantObjects.nameOf(tenant);
        unit.runtime().startServer(new Guest(unit.profiles(), host), audit.sink(name));
        unit.runtime().runControllers(tenant.getSpec().hasOwnControllers());
        if (unit.runtime().isReady()) {
            return Outcome.SETTLED;
        }
        health.watch(name);
        return health.waitsFor(name).orElseGet(() -> new RequeueAfter(SOON, "the API server's readiness"));
    }
}
