package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;
import java.util.List;

@Singleton
final class ComponentStatusKind implements ResourceKind {

    private static final KindSpec SPEC = KindSpec.cluster("", "v1", "ComponentStatus", "componentstatuses")
            .shortNames("cs")
            .verbs("get", "list");

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public String deprecationWarning() {
        return "v1 ComponentStatus is deprecated in v1.19+";
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Column.of(
                        "Status",
                        (o, now) -> condition(o).path("status").asText("").equals("True") ? "Healthy" : "Unhealthy"),
                Column.of("Message", (o, now) -> condition(o).path("message").asText("")),
                Column.of("Error", (o, now) -> condition(o).path("error").asText("")));
    }

    private static JsonNode condition(JsonNode object) {
        return Fields.find(object.path("conditions"), "type", "Healthy");
    }
}
