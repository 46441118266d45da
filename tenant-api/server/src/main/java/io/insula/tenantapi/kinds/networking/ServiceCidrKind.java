package io.insula.tenantapi.kinds.networking;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;

@Singleton
final class ServiceCidrKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("networking.k8s.io", "v1", "ServiceCIDR", "servicecidrs")
                .withStatus();
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return object.path("spec").path("cidrs").isEmpty()
                ? List.of(FieldError.required("spec.cidrs", "at least one CIDR required"))
                : List.of();
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return new Checks().immutable(wanted, current, "spec.cidrs").errors();
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Column.of(
                        "CIDRs",
                        (o, now) -> String.join(",", Fields.texts(o.path("spec").path("cidrs")))),
                Printers.AGE);
    }
}
