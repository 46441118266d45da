package io.insula.tenantapi.kinds.storage;

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
final class VolumeAttributesClassKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.cluster(
                    "storage.k8s.io", "v1", "VolumeAttributesClass", "volumeattributesclasses")
            .shortNames("vac");

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return new Checks().required(object, "", "driverName").errors();
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        var checks = new Checks();
        for (String field : List.of("driverName", "parameters")) {
            if (!Checks.same(wanted.path(field), current.path(field))) {
                checks.add(FieldError.forbidden(field, "updates to " + field + " are forbidden."));
            }
        }
        return checks.errors();
    }

    @Override
    public boolean returnsDeletedObject() {
        return true;
    }

    @Override
    public List<Column> columns() {
        return List.of(Printers.NAME, Printers.text("DriverName", "driverName"), Printers.AGE);
    }
}
