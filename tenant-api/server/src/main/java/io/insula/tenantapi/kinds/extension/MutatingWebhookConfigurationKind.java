package io.insula.tenantapi.kinds.extension;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class MutatingWebhookConfigurationKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster(
                        "admissionregistration.k8s.io",
                        "v1",
                        "MutatingWebhookConfiguration",
                        "mutatingwebhookconfigurations")
                .categories("api-extensions")
                .noUnconditionalUpdate()
                .withGeneration();
    }
}
