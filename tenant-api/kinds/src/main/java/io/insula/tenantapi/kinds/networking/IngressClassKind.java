package io.insula.tenantapi.kinds.networking;

import com.fasterxml.jackson.databind.JsonNode;
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
final class IngressClassKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.cluster("networking.k8s.io", "v1", "IngressClass", "ingressclasses")
            .withGeneration();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return new Checks().required(object.path("spec"), "spec", "controller").errors();
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return new Checks().immutable(wanted, current, "spec.controller").errors();
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Printers.text("Controller", "spec.controller"),
                Column.of("Parameters", (o, now) -> parameters(o.path("spec").path("parameters"))),
                Printers.AGE);
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        Fields.ifObject(object.path("spec"), "parameters", p -> Fields.defaultText(p, "scope", "Cluster"));
    }

    private static String parameters(JsonNode reference) {
        if (!reference.isObject()) {
            return Printers.NONE;
        }
        String group = reference.path("apiGroup").asText("");
        return reference.path("kind").asText() + (group.isEmpty() ? "" : "." + group) + "/"
                + reference.path("name").asText();
    }
}
