package io.insula.tenantapi.kinds.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.view.WorkloadView;
import jakarta.inject.Singleton;
import java.util.List;

@Singleton
final class PodDisruptionBudgetKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced(
                    "policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets")
            .shortNames("pdb")
            .noUnconditionalUpdate()
            .withStatus()
            .withGeneration();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        JsonNode spec = object.path("spec");
        var checks = new Checks();
        if (spec.hasNonNull("minAvailable") && spec.hasNonNull("maxUnavailable")) {
            checks.add(FieldError.invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set"));
        }
        checks.partOfWhole(spec, "spec", "minAvailable").partOfWhole(spec, "spec", "maxUnavailable");
        checks.oneOf(spec, "spec", "unhealthyPodEvictionPolicy", "AlwaysAllow", "IfHealthyBudget");
        return checks.labelSelector(WorkloadView.of(object).selector(), "spec.selector")
                .errors();
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return Checks.since(validateCreate(wanted, context), validateCreate(current, context));
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Column.of(
                        "Min Available",
                        (o, now) -> Printers.orElse(
                                Checks.at(o, "spec.minAvailable").asText(""), "N/A")),
                Column.of(
                        "Max Unavailable",
                        (o, now) -> Printers.orElse(
                                Checks.at(o, "spec.maxUnavailable").asText(""), "N/A")),
                Printers.number("Allowed Disruptions", "status.disruptionsAllowed"),
                Printers.AGE);
    }
}
