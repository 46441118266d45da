package io.insula.tenantapi.kinds.extension;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;

@Singleton
final class ValidatingWebhookConfigurationKind implements StoredKind {

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
    public void applyDefaults(ObjectNode object) {
        WebhookDefaults.apply(object, false);
    }

    @Override
    public List<Column> columns() {
        return List.of(Printers.NAME, Printers.count("Webhooks", "webhooks"), Printers.AGE);
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return WebhookDefaults.validate(object, true);
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return WebhookDefaults.validate(wanted, !wanted.path("webhooks").equals(current.path("webhooks")));
    }
}
