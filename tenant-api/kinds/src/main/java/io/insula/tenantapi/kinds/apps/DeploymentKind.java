package io.insula.tenantapi.kinds.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.kinds.WorkloadKind;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;

@Singleton
final class DeploymentKind implements WorkloadKind {

    private static final KindSpec SPEC = KindSpec.namespaced("apps", "v1", "Deployment", "deployments")
            .shortNames("deploy")
            .categories("all")
            .withStatus(Set.of("annotations"))
            .withGeneration()
            .withScale();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applySpecDefaults(ObjectNode spec) {
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
    public List<Column> columns() {
        return Printers.workload(
                Printers.NAME,
                Column.of(
                        "Ready",
                        (o, now) -> o.path("status").path("readyReplicas").asLong() + "/"
                                + o.path("spec").path("replicas").asLong()),
                Printers.number("Up-to-date", "status.updatedReplicas"),
                Printers.number("Available", "status.availableReplicas"),
                Printers.AGE);
    }

    @Override
    public void validateSpec(JsonNode spec, Checks checks) {
        JsonNode strategy = spec.path("strategy");
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
        long deadline = spec.path("progressDeadlineSeconds").asLong();
        if (deadline > 0 && deadline <= spec.path("minReadySeconds").asLong()) {
            checks.add(FieldError.invalid(
                    "spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
        }
    }

    private static boolean isZero(JsonNode value) {
        return value.asText("").equals("0") || value.asText("").equals("0%");
    }
}
