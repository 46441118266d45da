package io.insula.controlplane.tenant;

import io.insula.reconcile.Outcome;

/// The tenant is carried by the host from here on.
record AttachStep(Attachments attachments, TenantKubeconfigs kubeconfigs) implements TenantStep {

    @Override
    public String condition() {
        return TenantCondition.READY;
    }

    @Override
    public Outcome settle(Tenant tenant, TenantUnit unit) {
        String name = TenantObjects.nameOf(tenant);
        boolean isRestored = TenantObjects.hasAnnotation(tenant, Tenancy.RESTORED);
        attachments.attach(name, () -> kubeconfigs.forSyncer(name), unit.profiles(), isRestored, unit.kinds());
        attachments.weigh(name, tenant.getSpec().share());
        return Outcome.SETTLED;
    }
}
