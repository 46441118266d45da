package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;

@Singleton
final class LimitRangeKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced("", "v1", "LimitRange", "limitranges")
            .shortNames("limits")
            .creatingOnUpdate();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return LimitRules.validate(object.path("spec").path("limits"));
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return Checks.since(validateCreate(wanted, context), validateCreate(current, context));
    }
}
