package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;

@Singleton
final class ConfigMapKind implements StoredKind {

    private static final KindSpec SPEC =
            KindSpec.namespaced("", "v1", "ConfigMap", "configmaps").shortNames("cm");

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return DataRules.validate(object, "data", "binaryData");
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        var checks = new Checks().addAll(validateCreate(wanted, context));
        return checks.addAll(DataRules.frozen(wanted, current, "data", "binaryData"))
                .errors();
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Column.integer("Data", (o, now) ->
                        (long) (o.path("data").size() + o.path("binaryData").size())),
                Printers.AGE);
    }
}
