package io.insula.syncer.kinds;

import io.insula.syncer.engine.ForwardedView;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.TenantView;

/// The same on a host that serves Kubernetes' own kinds only.
record WithoutMachines(TenantView view) implements ForwardedView {

    @Override
    public boolean isServed(KindRef<?> kind) {
        return !kind.group().equals("kubevirt.io");
    }
}
