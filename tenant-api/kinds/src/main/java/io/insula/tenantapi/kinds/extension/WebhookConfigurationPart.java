package io.insula.tenantapi.kinds.extension;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import java.util.List;

/// All of MutatingWebhookConfiguration and ValidatingWebhookConfiguration but their names.
interface WebhookConfigurationPart extends StoredKind {

    /// Whether the webhooks change what they are asked about.
    boolean isMutating();

    @Override
    default void applyDefaults(ObjectNode object) {
        WebhookDefaults.apply(object, isMutating());
    }

    @Override
    default List<Column> columns() {
        return List.of(Printers.NAME, Printers.count("Webhooks", "webhooks"), Printers.AGE);
    }

    @Override
    default List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return WebhookDefaults.validate(object, true);
    }

    @Override
    default List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return WebhookDefaults.validate(wanted, !wanted.path("webhooks").equals(current.path("webhooks")));
    }
}
