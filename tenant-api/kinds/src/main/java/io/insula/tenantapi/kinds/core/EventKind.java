package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.EventColumns;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

@Singleton
final class EventKind implements StoredKind {

    private static final List<String> FIELDS = List.of(
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type");

    private static final KindSpec SPEC = KindSpec.namespaced("", "v1", "Event", "events")
            .shortNames("ev")
            .creatingOnUpdate()
            .ttl(Duration.ofHours(1));

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        String involved = Checks.at(object, "involvedObject.namespace").asText("");
        String namespace = Meta.namespace(object);
        boolean matches = involved.isEmpty()
                ? namespace.isEmpty()
                        || namespace.equals("default")
                        || Checks.at(object, "involvedObject.kind").asText("").isEmpty()
                : involved.equals(namespace);
        return matches
                ? List.of()
                : List.of(FieldError.invalid("involvedObject.namespace", involved, "does not match event.namespace"));
    }

    /// Events vanish by themselves, and all that they own would.
    @Override
    public boolean mayOwn() {
        return false;
    }

    @Override
    public List<String> selectableFieldNames() {
        return FIELDS;
    }

    @Override
    public Map<String, String> selectableFields(JsonNode object) {
        var all = new LinkedHashMap<String, String>();
        for (String field : FIELDS) {
            all.put(field, Checks.at(object, field).asText(""));
        }
        String component = object.path("source").path("component").asText("");
        all.put(
                "source",
                Printers.orElse(component, object.path("reportingComponent").asText("")));
        return all;
    }

    @Override
    public List<Column> columns() {
        return EventColumns.of(o -> o);
    }
}
