package io.insula.tenantapi.kinds.flowcontrol;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class PriorityLevelConfigurationKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster(
                        "flowcontrol.apiserver.k8s.io",
                        "v1",
                        "PriorityLevelConfiguration",
                        "prioritylevelconfigurations")
                .withStatus()
                .withGeneration();
    }
}
