package io.insula.tenantapi.kinds.networking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;

@Singleton
final class NetworkPolicyKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced(
                    "networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies")
            .shortNames("netpol")
            .withGeneration();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        ObjectNode spec = Fields.object(object, "spec");
        for (String list : List.of("ingress", "egress")) {
            Fields.each(spec, list, r -> Fields.each(r, "ports", p -> Fields.defaultText(p, "protocol", "TCP")));
        }
        if (spec.path("policyTypes").isEmpty()) {
            ArrayNode types = spec.putArray("policyTypes").add("Ingress");
            if (!spec.path("egress").isEmpty()) {
                types.add("Egress");
            }
        }
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return NetworkPolicyRules.validate(object.path("spec"));
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
                        "Pod-Selector",
                        (o, now) -> Printers.selector(o.path("spec").path("podSelector"))),
                Printers.AGE);
    }
}
