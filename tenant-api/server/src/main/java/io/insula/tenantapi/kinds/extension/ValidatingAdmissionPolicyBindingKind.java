package io.insula.tenantapi.kinds.extension;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;

@Singleton
final class ValidatingAdmissionPolicyBindingKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster(
                        "admissionregistration.k8s.io",
                        "v1",
                        "ValidatingAdmissionPolicyBinding",
                        "validatingadmissionpolicybindings")
                .categories("api-extensions")
                .noUnconditionalUpdate()
                .withGeneration();
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        var checks = new Checks().required(object.path("spec"), "spec", "policyName");
        if (object.path("spec").path("validationActions").isEmpty()) {
            checks.add(FieldError.required("spec.validationActions", ""));
        }
        return checks.errors();
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return validateCreate(wanted, context);
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Printers.text("PolicyName", "spec.policyName"),
                Column.of("ParamRef", (o, now) -> param(Checks.at(o, "spec.paramRef"))),
                Printers.AGE);
    }

    private static String param(JsonNode reference) {
        if (!reference.isObject()) {
            return Printers.UNSET;
        }
        String namespace = Printers.orElse(reference.path("namespace").asText(""), "*");
        return namespace + "/" + Printers.orElse(reference.path("name").asText(""), "*");
    }
}
