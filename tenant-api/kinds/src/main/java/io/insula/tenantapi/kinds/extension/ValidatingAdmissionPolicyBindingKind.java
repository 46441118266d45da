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
import java.util.HashSet;
import java.util.List;

@Singleton
final class ValidatingAdmissionPolicyBindingKind implements StoredKind {

    private static final List<String> ACTIONS = List.of("Audit", "Deny", "Warn");

    private static final KindSpec SPEC = KindSpec.cluster(
                    "admissionregistration.k8s.io",
                    "v1",
                    "ValidatingAdmissionPolicyBinding",
                    "validatingadmissionpolicybindings")
            .categories("api-extensions")
            .noUnconditionalUpdate()
            .withGeneration();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        JsonNode resources = object.path("spec").path("matchResources");
        if (resources instanceof ObjectNode tree) {
            Fields.defaultText(tree, "matchPolicy", "Equivalent");
            Fields.object(tree, "namespaceSelector");
            Fields.object(tree, "objectSelector");
            for (String list : List.of("resourceRules", "excludeResourceRules")) {
                Fields.each(tree, list, rule -> Fields.defaultText(rule, "scope", "*"));
            }
        }
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        var checks = new Checks().required(object.path("spec"), "spec", "policyName");
        if (object.path("spec").path("validationActions").isEmpty()) {
            checks.add(FieldError.required("spec.validationActions", ""));
        }
        actions(checks, object.path("spec").path("validationActions"));
        JsonNode reference = object.path("spec").path("paramRef");
        if (reference.isObject()) {
            checks.required(reference, "spec.paramRef", "parameterNotFoundAction")
                    .oneOf(reference, "spec.paramRef", "parameterNotFoundAction", "Allow", "Deny");
            if (reference.hasNonNull("name") == reference.hasNonNull("selector")) {
                checks.add(
                        reference.hasNonNull("name")
                                ? FieldError.forbidden("spec.paramRef.name", "name and selector are mutually exclusive")
                                : FieldError.required("spec.paramRef", "one of name or selector must be specified"));
            }
        }
        JsonNode rules = object.path("spec").path("matchResources").path("resourceRules");
        RuleChecks.check(checks, rules, "spec.matchResources.resourceRules");
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

    private static void actions(Checks checks, JsonNode actions) {
        var seen = new HashSet<String>();
        for (int i = 0; i < actions.size(); i++) {
            String action = actions.get(i).asText();
            String path = "spec.validationActions[" + i + "]";
            if (!ACTIONS.contains(action)) {
                checks.add(FieldError.notSupported(path, action, ACTIONS));
            } else if (!seen.add(action)) {
                checks.add(FieldError.duplicate(path, action));
            }
        }
        if (seen.contains("Deny") && seen.contains("Warn")) {
            checks.add(FieldError.invalid(
                    "spec.validationActions",
                    actions,
                    "must not contain both Deny and Warn (repeating the same validation failure information in the API"
                            + " response and headers serves no purpose)"));
        }
    }

    private static String param(JsonNode reference) {
        if (!reference.isObject()) {
            return Printers.UNSET;
        }
        String namespace = Printers.orElse(reference.path("namespace").asText(""), "*");
        return namespace + "/" + Printers.orElse(reference.path("name").asText(""), "*");
    }
}
