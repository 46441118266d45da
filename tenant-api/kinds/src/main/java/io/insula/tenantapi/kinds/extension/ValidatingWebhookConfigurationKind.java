package io.insula.tenantapi.kinds.extension;

import io.insula.tenantapi.registry.KindSpec;
import jakarta.inject.Singleton;

@Singleton
final class ValidatingWebhookConfigurationKind implements WebhookConfigurationPart {

    private static final KindSpec SPEC = KindSpec.cluster(
                    "admissionregistration.k8s.io",
                    "v1",
                    "ValidatingWebhookConfiguration",
                    "validatingwebhookconfigurations")
            .categories("api-extensions")
            .noUnconditionalUpdate()
            .withGeneration();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public boolean isMutating() {
        return false;
    }
}
