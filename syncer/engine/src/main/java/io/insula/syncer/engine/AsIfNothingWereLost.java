package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;

/// A tenant's view in which everything that the host lacks was ended there: tells what would be deleted in the tenant.
record AsIfNothingWereLost(TenantView view) implements ForwardedView {

    @Override
    public boolean isLostOnHost(HasMetadata tenantObject) {
        return false;
    }
}
