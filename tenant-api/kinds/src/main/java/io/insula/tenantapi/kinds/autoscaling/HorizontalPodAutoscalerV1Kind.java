package io.insula.tenantapi.kinds.autoscaling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;

@Singleton
final class HorizontalPodAutoscalerV1Kind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced(
                    "autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
            .shortNames("hpa")
            .categories("all")
            .withStatus();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        Fields.defaultTo(Fields.object(object, "spec"), "minReplicas", 1);
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return HpaRules.validate(object);
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return HpaRules.validate(wanted);
    }

    @Override
    public boolean storesAsServed() {
        return false;
    }

    @Override
    public ObjectNode toStorage(ObjectNode object) {
        return HpaForms.toV2(object);
    }

    @Override
    public ObjectNode fromStorage(ObjectNode stored) {
        return HpaForms.toV1(stored);
    }

    @Override
    public List<Column> columns() {
        return HpaRules.columns(HpaForms::toV2);
    }
}
