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
        return validate(object);
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return new Checks()
                .addAll(Checks.since(validate(wanted), validate(current)))
                .immutable(wanted, current, "spec.controller")
                .errors();
    }

    private static List<FieldError> validate(JsonNode object) {
        JsonNode spec = object.path("spec");
        String controller = spec.path("controller").asText("");
        var checks = new Checks().required(spec, "spec", "controller");
        if (controller.length() > 250) {
            checks.add(FieldError.tooLong("spec.controller", 250));
        }
        if (!controller.isEmpty()) {
            checks.domainPrefixedPath(controller, "spec.controller");
        }
        if (spec.path("parameters").isObject()) {
            References.scoped(spec.path("parameters"), "spec.parameters", checks);
        }
        return checks.errors();
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
