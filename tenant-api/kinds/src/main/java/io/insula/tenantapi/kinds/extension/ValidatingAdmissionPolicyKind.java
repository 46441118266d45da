package io.insula.tenantapi.kinds.extension;

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
import java.util.Set;

@Singleton
final class ValidatingAdmissionPolicyKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.cluster(
                    "admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies")
            .categories("api-extensions")
            .noUnconditionalUpdate()
            .withGeneration()
            .withStatus(Set.of());

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        ObjectNode spec = Fields.object(object, "spec");
        Fields.defaultText(spec, "failurePolicy", "Fail");
        Fields.ifObject(spec, "matchConstraints", m -> {
            Fields.defaultText(m, "matchPolicy", "Equivalent");
            Fields.object(m, "namespaceSelector");
            Fields.object(m, "objectSelector");
            for (String list : List.of("resourceRules", "excludeResourceRules")) {
                Fields.each(m, list, rule -> Fields.defaultText(rule, "scope", "*"));
            }
        });
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return validate(object, true);
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        // what was accepted once may stay, also when expressions are read more strictly now
        return validate(wanted, !wanted.path("spec").equals(current.path("spec")));
    }

    private static List<FieldError> validate(JsonNode object, boolean expressions) {
        JsonNode spec = object.path("spec");
        var checks = new Checks();
        if (spec.path("validations").isEmpty() && spec.path("auditAnnotations").isEmpty()) {
            checks.add(FieldError.required(
                    "spec.validations",
                    "validations or auditAnnotations must be non-empty for ValidatingAdmissionPolicy"));
        }
        checks.oneOf(spec, "spec", "failurePolicy", "Fail", "Ignore");
        JsonNode paramKind = spec.path("paramKind");
        if (paramKind.isObject()) {
            checks.required(paramKind, "spec.paramKind", "apiVersion").required(paramKind, "spec.paramKind", "kind");
        }
        JsonNode constraints = spec.path("matchConstraints");
        if (!constraints.isObject()) {
            checks.add(FieldError.required("spec.matchConstraints", ""));
        } else if (constraints.path("resourceRules").isEmpty()) {
            checks.add(FieldError.required("spec.matchConstraints.resourceRules", ""));
        }
        RuleChecks.check(checks, constraints.path("resourceRules"), "spec.matchConstraints.resourceRules");
        RuleChecks.check(
                checks, constraints.path("excludeResourceRules"), "spec.matchConstraints.excludeResourceRules");
        if (expressions) {
            ExpressionChecks.policy(checks, spec);
        }
        return checks.errors();
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Printers.count("Validations", "spec.validations"),
                Column.of("ParamKind", (o, now) -> param(Checks.at(o, "spec.paramKind"))),
                Printers.AGE);
    }

    private static String param(JsonNode kind) {
        return kind.isObject()
                ? kind.path("apiVersion").asText() + "/" + kind.path("kind").asText()
                : Printers.UNSET;
    }
}
