package io.insula.tenantapi.kinds.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.PodTemplates;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.kinds.WorkloadRules;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.view.WorkloadView;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

@Singleton
final class ReplicaSetKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced("apps", "v1", "ReplicaSet", "replicasets")
            .shortNames("rs")
            .categories("all")
            .withStatus()
            .withGeneration()
            .withScale();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        PodTemplates.applyDefaults(object);
        Fields.defaultTo(Fields.object(object, "spec"), "replicas", 1);
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return WorkloadRules.validate(object);
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        var errors = new ArrayList<>(WorkloadRules.validate(wanted));
        errors.addAll(WorkloadRules.selectorIsImmutable(wanted, current));
        return errors;
    }

    @Override
    public void prepareForCreate(ObjectNode object, WriteContext context) {
        Fields.object(object, "status").put("replicas", 0);
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of("status.replicas");
    }

    @Override
    public Map<String, String> selectableFields(JsonNode object) {
        return Map.of(
                "status.replicas",
                Long.toString(object.path("status").path("replicas").asLong()));
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Printers.number("Desired", "spec.replicas"),
                Printers.number("Current", "status.replicas"),
                Printers.number("Ready", "status.readyReplicas"),
                Printers.AGE,
                Printers.containers(o -> WorkloadView.of(o).podSpec()).get(0),
                Printers.containers(o -> WorkloadView.of(o).podSpec()).get(1),
                Column.of(
                                "Selector",
                                (o, now) -> Printers.selector(WorkloadView.of(o).selector()))
                        .wide());
    }
}
