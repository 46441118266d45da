package io.insula.tenantapi.kinds.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.EventColumns;
import io.insula.tenantapi.kinds.EventForms;
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
final class EventsEventKind implements StoredKind {

    private static final List<String> FIELDS = List.of(
            "regarding.kind",
            "regarding.namespace",
            "regarding.name",
            "regarding.uid",
            "regarding.apiVersion",
            "regarding.resourceVersion",
            "regarding.fieldPath",
            "reason",
            "reportingController",
            "type");

    private static final KindSpec SPEC = KindSpec.namespaced("events.k8s.io", "v1", "Event", "events")
            .shortNames("ev")
            .creatingOnUpdate()
            .ttl(Duration.ofHours(1));

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        var checks = new Checks();
        if (object.path("eventTime").asText("").isEmpty()) {
            checks.add(FieldError.required("eventTime", ""));
        }
        checks.required(object, "", "reportingController")
                .required(object, "", "reportingInstance")
                .required(object, "", "action")
                .required(object, "", "reason")
                .oneOf(object, "", "type", "Normal", "Warning");
        return checks.errors();
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        var checks = new Checks();
        for (String field : List.of(
                "eventTime",
                "reportingController",
                "reportingInstance",
                "action",
                "reason",
                "regarding",
                "related",
                "note",
                "type")) {
            checks.immutable(wanted, current, field);
        }
        return checks.errors();
    }

    @Override
    public boolean storesAsServed() {
        return false;
    }

    @Override
    public ObjectNode toStorage(ObjectNode object) {
        return EventForms.toCore(object);
    }

    @Override
    public ObjectNode fromStorage(ObjectNode stored) {
        return EventForms.toEvents(stored);
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
        return all;
    }

    @Override
    public List<Column> columns() {
        return EventColumns.of(EventForms::toCore);
    }
}
