package io.insula.tenantapi.crd;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.Names;
import io.insula.tenantapi.schema.ApiSchema;
import io.insula.tenantapi.schema.StructuralSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What a definition must obey. Source: apiextensions-apiserver, `apis/apiextensions/validation`.
final class DefinitionRules {

    private static final String APPROVAL = "api-approved.kubernetes.io";
    private static final int MAX_SELECTABLE = 8;
    private static final List<String> SCOPES = List.of("Cluster", "Namespaced");
    private static final List<String> STRATEGIES = List.of("None", "Webhook");

    private DefinitionRules() {}

    static List<FieldError> onCreate(JsonNode object) {
        var errors = new ArrayList<FieldError>();
        JsonNode spec = object.path("spec");
        String expected = spec.path("names").path("plural").asText() + "."
                + spec.path("group").asText();
        if (!Meta.name(object).equals(expected)) {
            errors.add(FieldError.invalid(
                    "metadata.name", Meta.name(object), "must be spec.names.plural+\".\"+spec.group"));
        }
        checkSpec(object, errors);
        return errors;
    }

    static List<FieldError> onUpdate(JsonNode wanted, JsonNode current) {
        var errors = new ArrayList<FieldError>();
        checkSpec(wanted, errors);
        for (String field : List.of("group", "scope")) {
            same(
                    "spec." + field,
                    wanted.path("spec").path(field),
                    current.path("spec").path(field),
                    errors);
        }
        JsonNode names = wanted.path("spec").path("names");
        JsonNode old = current.path("spec").path("names");
        same("spec.names.plural", names.path("plural"), old.path("plural"), errors);
        same("spec.names.kind", names.path("kind"), old.path("kind"), errors);
        return errors;
    }

    private static void same(String field, JsonNode wanted, JsonNode current, List<FieldError> errors) {
        if (!wanted.equals(current)) {
            errors.add(FieldError.invalid(field, wanted.asText(), "field is immutable"));
        }
    }

    private static void checkSpec(JsonNode object, List<FieldError> errors) {
        JsonNode spec = object.path("spec");
        checkGroup(object, spec.path("group").asText(""), errors);
        if (!SCOPES.contains(spec.path("scope").asText(""))) {
            errors.add(FieldError.notSupported("spec.scope", spec.path("scope").asText(""), SCOPES));
        }
        String strategy = spec.path("conversion").path("strategy").asText("");
        if (!STRATEGIES.contains(strategy)) {
            errors.add(FieldError.notSupported("spec.conversion.strategy", strategy, STRATEGIES));
        } else if (strategy.equals("Webhook")) {
            errors.add(FieldError.forbidden("spec.conversion.strategy", "conversion webhooks are not served here"));
        }
        checkNames(spec.path("names"), errors);
        checkVersions(spec.path("versions"), errors);
    }

    private static void checkGroup(JsonNode object, String group, List<FieldError> errors) {
        String problem = group.isEmpty() ? "" : Names.dns1123Subdomain(group);
        if (group.isEmpty()) {
            errors.add(FieldError.required("spec.group", ""));
        } else if (!problem.isEmpty()) {
            errors.add(FieldError.invalid("spec.group", group, problem));
        } else if (!group.contains(".")) {
            errors.add(FieldError.invalid("spec.group", group, "should be a domain with at least one dot"));
        }
        boolean isProtected = group.endsWith(".k8s.io") || group.endsWith(".kubernetes.io");
        if (isProtected && !Meta.annotations(object).containsKey(APPROVAL)) {
            errors.add(FieldError.required(
                    "metadata.annotations[" + APPROVAL + "]",
                    "protected groups must have approval annotation \"" + APPROVAL
                            + "\", see https://github.com/kubernetes/enhancements/pull/1111"));
        }
    }

    private static void checkNames(JsonNode names, List<FieldError> errors) {
        for (String field : List.of("plural", "singular", "kind", "listKind")) {
            String value = names.path(field).asText("");
            if (value.isEmpty()) {
                errors.add(FieldError.required("spec.names." + field, ""));
                continue;
            }
            String problem = Names.dns1035Label(value.toLowerCase(Locale.ROOT));
            if (!problem.isEmpty()) {
                errors.add(FieldError.invalid("spec.names." + field, value, problem));
            }
        }
    }

    private static void checkVersions(JsonNode versions, List<FieldError> errors) {
        Set<String> seen = new HashSet<>();
        int storage = 0;
        for (int i = 0; i < versions.size(); i++) {
            JsonNode version = versions.get(i);
            String path = "spec.versions[" + i + "]";
            String name = version.path("name").asText("");
            String problem = Names.dns1035Label(name);
            if (!problem.isEmpty()) {
                errors.add(FieldError.invalid(path + ".name", name, problem));
            }
            if (!seen.add(name)) {
                errors.add(FieldError.invalid("spec.versions", name, "must contain unique version names"));
            }
            storage += version.path("storage").asBoolean() ? 1 : 0;
            JsonNode schema = version.path("schema").path("openAPIV3Schema");
            if (!schema.isObject()) {
                errors.add(FieldError.required(path + ".schema.openAPIV3Schema", "schemas are required"));
            } else {
                errors.addAll(StructuralSchema.check(path + ".schema.openAPIV3Schema", schema, ApiSchema.load()));
            }
            if (version.path("selectableFields").size() > MAX_SELECTABLE) {
                errors.add(new FieldError(
                        FieldError.Reason.FieldValueTooMany,
                        path + ".selectableFields",
                        Integer.toString(version.path("selectableFields").size()),
                        "must have at most " + MAX_SELECTABLE + " items"));
            }
        }
        if (storage != 1) {
            errors.add(FieldError.invalid(
                    "spec.versions", versions.toString(), "must have exactly one version marked as storage version"));
        }
    }
}
