package io.insula.tenantapi.kinds.extension;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class ValidatingWebhookConfigurationKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster(
                        "admissionregistration.k8s.io",
                        "v1",
                        "ValidatingWebhookConfiguration",
                        "validatingwebhookconfigurations")
                .categories("api-extensions")
                .noUnconditionalUpdate()
                .withGeneration();
    }
}
