package io.insula.tenantapi.kinds.coordination;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;

@Singleton
final class LeaseKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced("coordination.k8s.io", "v1", "Lease", "leases")
            .creatingOnUpdate()
            .noUnconditionalUpdate();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        JsonNode seconds = object.path("spec").path("leaseDurationSeconds");
        return seconds.isNumber() && seconds.asLong() <= 0
                ? List.of(FieldError.invalid("spec.leaseDurationSeconds", seconds.asLong(), "must be greater than 0"))
                : List.of();
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return validateCreate(wanted, context);
    }

    @Override
    public List<Column> columns() {
        return List.of(Printers.NAME, Printers.text("Holder", "spec.holderIdentity"), Printers.AGE);
    }
}
