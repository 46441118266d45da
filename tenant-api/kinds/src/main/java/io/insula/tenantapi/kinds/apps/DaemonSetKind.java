package io.insula.tenantapi.kinds.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
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

@Singleton
final class DaemonSetKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced("apps", "v1", "DaemonSet", "daemonsets")
            .shortNames("ds")
            .categories("all")
            .withStatus()
            .withGeneration();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        PodTemplates.applyDefaults(object);
        ObjectNode spec = Fields.object(object, "spec");
        Fields.defaultTo(spec, "revisionHistoryLimit", 10);
        ObjectNode strategy = Fields.object(spec, "updateStrategy");
        Fields.defaultText(strategy, "type", "RollingUpdate");
        if (strategy.path("type").asText().equals("RollingUpdate")) {
            ObjectNode rolling = Fields.object(strategy, "rollingUpdate");
            Fields.defaultTo(rolling, "maxUnavailable", 1);
            Fields.defaultTo(rolling, "maxSurge", 0);
        }
    }

    @Override
    public void prepareForCreate(ObjectNode object, WriteContext context) {
        ObjectNode status = Fields.object(object, "status");
        for (String count :
                List.of("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")) {
            status.put(count, 0);
        }
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return validate(object);
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        var errors = new ArrayList<>(validate(wanted));
        errors.addAll(WorkloadRules.selectorIsImmutable(wanted, current));
        return errors;
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Printers.number("Desired", "status.desiredNumberScheduled"),
                Printers.number("Current", "status.currentNumberScheduled"),
                Printers.number("Ready", "status.numberReady"),
                Printers.number("Up-to-date", "status.updatedNumberScheduled"),
                Printers.number("Available", "status.numberAvailable"),
                Column.of(
                        "Node Selector", (o, now) -> Printers.labels(Checks.at(o, "spec.template.spec.nodeSelector"))),
                Printers.AGE,
                Printers.containers(o -> WorkloadView.of(o).podSpec()).get(0),
                Printers.containers(o -> WorkloadView.of(o).podSpec()).get(1),
                Column.of(
                                "Selector",
                                (o, now) -> Printers.selector(WorkloadView.of(o).selector()))
                        .wide());
    }

    private static List<FieldError> validate(JsonNode object) {
        JsonNode strategy = object.path("spec").path("updateStrategy");
        return new Checks()
                .addAll(WorkloadRules.validate(object))
                .oneOf(strategy, "spec.updateStrategy", "type", "OnDelete", "RollingUpdate")
                .errors();
    }
}
