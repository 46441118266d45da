package io.insula.tenantapi.kinds.scheduling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;

@Singleton
final class PriorityClassKind implements StoredKind {

    private static final Set<String> SYSTEM = Set.of("system-cluster-critical", "system-node-critical");

    private static final KindSpec SPEC = KindSpec.cluster("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses")
            .shortNames("pc")
            .withGeneration();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        Fields.defaultText(object, "preemptionPolicy", "PreemptLowerPriority");
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        var checks = new Checks();
        String name = Meta.name(object);
        if (name.startsWith("system-") && !SYSTEM.contains(name)) {
            checks.add(FieldError.forbidden(
                    "metadata.name",
                    "priority class names with 'system-' prefix are reserved for system use only. error: " + name
                            + " is not a known system priority class"));
        } else if (!SYSTEM.contains(name) && object.path("value").asLong() > 1_000_000_000) {
            checks.add(FieldError.forbidden("value", "maximum allowed value of a user defined priority is 1000000000"));
        }
        return checks.oneOf(object, "", "preemptionPolicy", "Never", "PreemptLowerPriority")
                .errors();
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        var checks = new Checks();
        if (wanted.path("value").asLong() != current.path("value").asLong()) {
            checks.add(FieldError.forbidden("value", "may not be changed in an update."));
        }
        return checks.immutable(wanted, current, "preemptionPolicy").errors();
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Printers.number("Value", "value"),
                Printers.bool("Global-Default", "globalDefault"),
                Printers.AGE,
                Printers.text("PreemptionPolicy", "preemptionPolicy"));
    }
}
