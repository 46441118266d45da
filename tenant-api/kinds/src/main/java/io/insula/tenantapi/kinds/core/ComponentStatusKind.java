package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ObservedKind;
import io.insula.tenantapi.registry.ServerServices;
import io.insula.tenantapi.view.Condition;
import jakarta.inject.Singleton;
import java.util.List;

/// What the control plane consists of and how it does, asked at each read. Source: kubernetes,
/// `pkg/registry/core/componentstatus/rest.go`.
@Singleton
final class ComponentStatusKind implements ObservedKind {

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
    public List<ObjectNode> observe(ServerServices services) {
        return services.components().entrySet().stream()
                .map(part -> status(part.getKey(), part.getValue()))
                .toList();
    }

    private static ObjectNode status(String name, Runnable check) {
        ObjectNode object = Json.object().put("kind", "ComponentStatus").put("apiVersion", "v1");
        object.putObject("metadata").put("name", name);
        ObjectNode condition = object.putArray(Condition.LIST).addObject().put("type", "Healthy");
        try {
            check.run();
            condition.put("status", "True").put("message", "ok");
        } catch (RuntimeException e) {
            String error = e.getMessage();
            condition.put("status", "False").put("error", error == null ? e.toString() : error);
        }
        return object;
    }

    @Override
    public ApiException notObserved(String name) {
        return ApiException.of(500, "", "Component not found: " + name);
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
        return Fields.find(Condition.listIn(object), "type", "Healthy");
    }
}
