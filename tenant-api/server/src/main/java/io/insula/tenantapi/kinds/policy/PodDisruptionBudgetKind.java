package io.insula.tenantapi.kinds.policy;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class PodDisruptionBudgetKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets")
                .shortNames("pdb")
                .noUnconditionalUpdate()
                .withStatus()
                .withGeneration();
    }
}
