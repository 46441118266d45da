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
import java.util.Map;
import java.util.stream.Collectors;

@Singleton
final class ResourceQuotaKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced("", "v1", "ResourceQuota", "resourcequotas")
            .shortNames("quota")
            .withStatus();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return QuotaRules.validate(object.path("spec"));
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return new Checks()
                .addAll(Checks.since(
                        QuotaRules.validate(wanted.path("spec")), QuotaRules.validate(current.path("spec"))))
                .immutable(wanted, current, "spec.scopes")
                .errors();
    }

    @Override
    public boolean returnsDeletedObject() {
        return true;
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Column.of("Request", (o, now) -> amounts(o, false)),
                Column.of("Limit", (o, now) -> amounts(o, true)),
                Printers.AGE);
    }

    /// `pods: 1/10, requests.cpu: 0/4`
    static String amounts(JsonNode object, boolean limits) {
        JsonNode hard = object.path("status").path("hard");
        return hard.properties().stream()
                .filter(e -> e.getKey().startsWith("limits.") == limits)
                .sorted(Map.Entry.comparingByKey())
                .map(e -> e.getKey() + ": "
                        + object.path("status").path("used").path(e.getKey()).asText("0") + "/"
                        + e.getValue().asText())
                .collect(Collectors.joining(", "));
    }
}
