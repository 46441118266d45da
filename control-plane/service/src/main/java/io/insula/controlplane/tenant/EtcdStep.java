package io.insula.controlplane.tenant;

import io.insula.reconcile.Outcome;

/// Certificates and etcd.
record EtcdStep() implements TenantStep {

    @Override
    public String condition() {
        return TenantCondition.PROVISIONED;
    }

    @Override
    public Outcome settle(Tenant tenant, TenantUnit unit) {
        unit.runtime().startEtcd();
        return Outcome.SETTLED;
    }
}
