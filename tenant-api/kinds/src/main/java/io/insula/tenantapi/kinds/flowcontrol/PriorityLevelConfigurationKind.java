package io.insula.tenantapi.kinds.flowcontrol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;

@Singleton
final class PriorityLevelConfigurationKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.cluster(
                    "flowcontrol.apiserver.k8s.io", "v1", "PriorityLevelConfiguration", "prioritylevelconfigurations")
            .withStatus(Set.of())
            .withGeneration();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        Fields.ifObject(object.path("spec"), "limited", limited -> {
            Fields.defaultTo(limited, "nominalConcurrencyShares", 30);
            Fields.defaultTo(limited, "lendablePercent", 0);
            if (Checks.at(limited, "limitResponse.queuing") instanceof ObjectNode queuing) {
                Fields.defaultTo(queuing, "queues", 64);
                Fields.defaultTo(queuing, "handSize", 8);
                Fields.defaultTo(queuing, "queueLengthLimit", 50);
            }
        });
        Fields.ifObject(object.path("spec"), "exempt", exempt -> {
            Fields.defaultTo(exempt, "nominalConcurrencyShares", 0);
            Fields.defaultTo(exempt, "lendablePercent", 0);
        });
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Printers.text("Type", "spec.type"),
                Column.of(
                        "NominalConcurrencyShares",
                        (o, now) -> Printers.orElse(
                                Checks.at(o, "spec.limited.nominalConcurrencyShares")
                                        .asText(""),
                                Printers.NONE)),
                Printers.text("Queues", "spec.limited.limitResponse.queuing.queues", Printers.NONE),
                Printers.text("HandSize", "spec.limited.limitResponse.queuing.handSize", Printers.NONE),
                Printers.text("QueueLengthLimit", "spec.limited.limitResponse.queuing.queueLengthLimit", Printers.NONE),
                Printers.AGE);
    }
}
