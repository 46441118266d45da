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
final class DeploymentKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced("apps", "v1", "Deployment", "deployments")
            .shortNames("deploy")
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
        ObjectNode spec = Fields.object(object, "spec");
        Fields.defaultTo(spec, "replicas", 1);
        Fields.defaultTo(spec, "revisionHistoryLimit", 10);
        Fields.defaultTo(spec, "progressDeadlineSeconds", 600);
        ObjectNode strategy = Fields.object(spec, "strategy");
        Fields.defaultText(strategy, "type", "RollingUpdate");
        if (strategy.path("type").asText().equals("RollingUpdate")) {
            ObjectNode rolling = Fields.object(strategy, "rollingUpdate");
            Fields.defaultTo(rolling, "maxUnavailable", "25%");
            Fields.defaultTo(rolling, "maxSurge", "25%");
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
                Column.of(
                        "Ready",
                        (o, now) -> o.path("status").path("readyReplicas").asLong() + "/"
                                + o.path("spec").path("replicas").asLong()),
                Printers.number("Up-to-date", "status.updatedReplicas"),
                Printers.number("Available", "status.availableReplicas"),
                Printers.AGE,
                Printers.containers(o -> WorkloadView.of(o).podSpec()).get(0),
                Printers.containers(o -> WorkloadView.of(o).podSpec()).get(1),
                Column.of(
                                "Selector",
                                (o, now) -> Printers.selector(WorkloadView.of(o).selector()))
                        .wide());
    }

    private static List<FieldError> validate(JsonNode object) {
        var checks = new Checks().addAll(WorkloadRules.validate(object));
        JsonNode strategy = object.path("spec").path("strategy");
        checks.oneOf(strategy, "spec.strategy", "type", "Recreate", "RollingUpdate");
        JsonNode rolling = strategy.path("rollingUpdate");
        if (strategy.path("type").asText().equals("Recreate") && rolling.isObject()) {
            checks.add(FieldError.forbidden(
                    "spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'"));
        }
        if (isZero(rolling.path("maxUnavailable")) && isZero(rolling.path("maxSurge"))) {
            checks.add(FieldError.invalid(
                    "spec.strategy.rollingUpdate.maxUnavailable",
                    rolling.path("maxUnavailable").asText(),
                    "may not be 0 when `maxSurge` is 0"));
        }
        long deadline = object.path("spec").path("progressDeadlineSeconds").asLong();
        if (deadline > 0
                && deadline <= object.path("spec").path("minReadySeconds").asLong()) {
            checks.add(FieldError.invalid(
                    "spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
        }
        return checks.errors();
    }

    private static boolean isZero(JsonNode value) {
        return value.asText("").equals("0") || value.asText("").equals("0%");
    }
}
