package io.insula.controlplane.tenant;

import io.insula.reconcile.Outcome;
import io.insula.reconcile.Outcome.RequeueAfter;
import java.util.function.Predicate;

/// The tenant's namespace on the host, with its walls. That of a tenant that runs may be taken away by hand: then it
/// is made again, and the syncer restores what ran in it.
///
/// @param isReady whether a tenant works now
record NamespaceStep(HostNamespaces namespaces, ProfileLookup lookup, Predicate<String> isReady) implements TenantStep {

    @Override
    public String condition() {
        return TenantCondition.PROVISIONED;
    }

    @Override
    public Outcome settle(Tenant tenant, TenantUnit unit) {
        String name = TenantObjects.nameOf(tenant);
        Outcome outcome = namespaces.ensure(tenant, lookup.of(name));
        return outcome instanceof RequeueAfter waiting && isReady.test(name) ? gone(waiting) : outcome;
    }

    private static Outcome gone(RequeueAfter waiting) {
        return new RequeueAfter(
                waiting.delay(),
                "HostNamespaceGone",
                "the host namespace was removed; nothing is deleted in the tenant, the namespace is made again and"
                        + " what ran in it is restored; waits for " + waiting.waitingFor());
    }
}
