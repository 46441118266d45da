package io.insula.tenantapi.kinds.extension;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import java.util.List;

/// Rules of webhooks and policies. Source: kubernetes `pkg/apis/admissionregistration/validation`
/// (validateRuleWithOperations).
final class RuleChecks {

    private static final List<String> OPERATIONS = List.of("*", "CONNECT", "CREATE", "DELETE", "UPDATE");

    private RuleChecks() {}

    /// @param at the path of the list
    static void check(Checks checks, JsonNode rules, String at) {
        for (int i = 0; i < rules.size(); i++) {
            JsonNode rule = rules.get(i);
            String path = at + "[" + i + "]";
            list(checks, rule, path, "operations");
            list(checks, rule, path, "apiGroups");
            list(checks, rule, path, "apiVersions");
            list(checks, rule, path, "resources");
            for (int k = 0; k < rule.path("operations").size(); k++) {
                String operation = rule.path("operations").get(k).asText();
                if (!OPERATIONS.contains(operation)) {
                    checks.add(FieldError.notSupported(path + ".operations[" + k + "]", operation, OPERATIONS));
                }
            }
            checks.oneOf(rule, path, "scope", "*", "Cluster", "Namespaced");
        }
    }

    private static void list(Checks checks, JsonNode rule, String path, String field) {
        JsonNode values = rule.path(field);
        if (values.isEmpty()) {
            checks.add(FieldError.required(path + "." + field, ""));
            return;
        }
        for (JsonNode value : values) {
            if (value.asText().equals("*") && values.size() > 1) {
                checks.add(FieldError.invalid(
                        path + "." + field, values, "if '*' is present, must not specify other " + named(field)));
                return;
            }
        }
    }

    private static String named(String field) {
        return switch (field) {
            case "apiGroups" -> "API groups";
            case "apiVersions" -> "API versions";
            default -> field;
        };
    }
}
