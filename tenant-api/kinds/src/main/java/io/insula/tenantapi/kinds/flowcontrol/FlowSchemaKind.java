package io.insula.tenantapi.kinds.flowcontrol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.view.Condition;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;

@Singleton
final class FlowSchemaKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.cluster(
                    "flowcontrol.apiserver.k8s.io", "v1", "FlowSchema", "flowschemas")
            .withStatus(Set.of())
            .withGeneration();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        Fields.defaultTo(Fields.object(object, "spec"), "matchingPrecedence", 1000);
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Printers.text("PriorityLevel", "spec.priorityLevelConfiguration.name"),
                Printers.number("MatchingPrecedence", "spec.matchingPrecedence"),
                Printers.text("DistinguisherMethod", "spec.distinguisherMethod.type", Printers.NONE),
                Printers.AGE,
                Column.of(
                        "MissingPL",
                        (o, now) -> Printers.orElse(Condition.of(o, "Dangling").status(), "?")));
    }
}
