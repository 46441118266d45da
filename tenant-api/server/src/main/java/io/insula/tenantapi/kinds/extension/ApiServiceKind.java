package io.insula.tenantapi.kinds.extension;

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
final class ApiServiceKind implements ResourceKind {

    private static final KindSpec SPEC = KindSpec.cluster("apiregistration.k8s.io", "v1", "APIService", "apiservices")
            .storedAt("apiregistration.k8s.io/apiservices")
            .categories("api-extensions")
            .noUnconditionalUpdate()
            .withStatus();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Column.of("Service", (o, now) -> service(o.path("spec").path("service"))),
                Column.of("Available", (o, now) -> available(o)),
                Printers.AGE);
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        JsonNode spec = object.path("spec");
        return new Checks().required(spec, "spec", "version").errors();
    }

    private static String service(JsonNode reference) {
        return reference.isObject()
                ? reference.path("namespace").asText() + "/"
                        + reference.path("name").asText()
                : "Local";
    }

    private static String available(JsonNode object) {
        JsonNode condition = Fields.find(Checks.at(object, "status.conditions"), "type", "Available");
        String status = condition.path("status").asText("Unknown");
        return status.equals("True")
                ? status
                : status + " (" + condition.path("reason").asText("") + ")";
    }
}
