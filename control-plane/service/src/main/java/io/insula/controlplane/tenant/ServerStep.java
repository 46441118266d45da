package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.tenant.Clusters.Role.Guest;
import io.insula.reconcile.Outcome;
import io.insula.reconcile.Outcome.RequeueAfter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// The API server, up to its readiness.
record ServerStep(KubernetesClient host, AuditTrail audit, TenantHealth health) implements TenantStep {

    private static final Duration SOON = Duration.ofMillis(300);

    /// Its controllers have begun a moment after it: a turn of its own for that costs more than the moment.
    private static final Duration MOMENT = Duration.ofSeconds(1);

    @Override
    public String condition() {
        return TenantCondition.READY;
    }

    @Override
    public Outcome settle(Tenant tenant, TenantUnit unit) {
        String name = TenantObjects.nameOf(tenant);
        unit.runtime().startServer(new Guest(unit.profiles(), host, unit::kinds), audit.sink(name));
        unit.runtime().runControllers(tenant.getSpec().hasOwnControllers());
        if (isReadyInAMoment(unit.runtime())) {
            return Outcome.SETTLED;
        }
        health.watch(name);
        return health.waitsFor(name).orElseGet(() -> new RequeueAfter(SOON, "the API server's readiness"));
    }

    private static boolean isReadyInAMoment(TenantRuntime server) {
        long begin = System.nanoTime();
        while (!server.isReady()) {
            if (System.nanoTime() - begin > MOMENT.toNanos()
                    || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        return true;
    }
}
