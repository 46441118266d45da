package io.insula.tenantapi.kinds.batch;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class CronJobKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("batch", "v1", "CronJob", "cronjobs")
                .shortNames("cj")
                .categories("all")
                .withStatus()
                .withGeneration();
    }
}
