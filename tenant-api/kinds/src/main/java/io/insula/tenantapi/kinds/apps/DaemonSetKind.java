package io.insula.tenantapi.kinds.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.kinds.WorkloadKind;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.view.WorkloadView;
import jakarta.inject.Singleton;
import java.util.List;

@Singleton
final class DaemonSetKind implements WorkloadKind {

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
    public void applySpecDefaults(ObjectNode spec) {
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
    public List<Column> columns() {
        return Printers.workload(
                Printers.NAME,
                Printers.number("Desired", "status.desiredNumberScheduled"),
                Printers.number("Current", "status.currentNumberScheduled"),
                Printers.number("Ready", "status.numberReady"),
                Printers.number("Up-to-date", "status.updatedNumberScheduled"),
                Printers.number("Available", "status.numberAvailable"),
                Column.of(
                        "Node Selector",
                        (o, now) -> Printers.labels(WorkloadView.of(o).podSpec().nodeSelector())),
                Printers.AGE);
    }

    @Override
    public void validateSpec(JsonNode spec, Checks checks) {
        checks.oneOf(spec.path("updateStrategy"), "spec.updateStrategy", "type", "OnDelete", "RollingUpdate");
    }
}
