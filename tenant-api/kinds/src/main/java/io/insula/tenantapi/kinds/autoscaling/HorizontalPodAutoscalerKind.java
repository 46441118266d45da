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
final class HorizontalPodAutoscalerKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced(
                    "autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
            .shortNames("hpa")
            .categories("all")
            .withStatus();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        ObjectNode spec = Fields.object(object, "spec");
        Fields.defaultTo(spec, "minReplicas", 1);
        if (spec.path("metrics").isEmpty()) {
            spec.putArray("metrics").add(HpaForms.cpu(80));
        }
        HpaRules.defaultBehavior(spec);
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
    public List<Column> columns() {
        return HpaRules.columns(o -> o);
    }
}
