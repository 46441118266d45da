package io.insula.controlplane.tenant;

import io.insula.reconcile.Outcome;

/// A person's word that what is held back may be deleted is passed on, and then taken off the tenant: it holds once.
record ReleaseStep(Attachments attachments, TenantObjects objects) implements TenantStep {

    @Override
    public String condition() {
        return TenantCondition.READY;
    }

    @Override
    public Outcome settle(Tenant tenant, TenantUnit unit) {
        if (TenantObjects.hasAnnotation(tenant, Tenancy.RELEASE_DELETES)) {
            attachments.release(TenantObjects.nameOf(tenant));
            objects.removeAnnotations(tenant, Tenancy.RELEASE_DELETES, Tenancy.RESTORED);
        }
        return Outcome.SETTLED;
    }
}
