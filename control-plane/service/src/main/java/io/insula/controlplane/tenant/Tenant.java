package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;

/// The custom resource; its schema is `deploy/crds/tenants.yaml`.
@Group(Tenancy.GROUP)
@Version(Tenancy.VERSION)
public final class Tenant extends CustomResource<TenantSpec, TenantStatus> {

    @Override
    protected TenantSpec initSpec() {
        return new TenantSpec(null);
    }

    @Override
    protected TenantStatus initStatus() {
        return TenantStatus.EMPTY;
    }
}
