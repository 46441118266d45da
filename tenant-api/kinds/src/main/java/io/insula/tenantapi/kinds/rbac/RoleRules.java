package io.insula.tenantapi.kinds.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import java.util.List;

/// What a Role or ClusterRole must look like. Source: kubernetes `ValidatePolicyRule`.
final class RoleRules {

    private RoleRules() {}

    static List<FieldError> validate(JsonNode role, boolean namespaced) {
        var checks = new Checks();
        int i = 0;
        for (JsonNode rule : role.path("rules")) {
            rule(checks, rule, "rules[" + i++ + "]", namespaced);
        }
        return checks.errors();
    }

    private static void rule(Checks checks, JsonNode rule, String at, boolean namespaced) {
        if (rule.path("verbs").isEmpty()) {
            checks.add(FieldError.required(at + ".verbs", "verbs must contain at least one value"));
        }
        JsonNode urls = rule.path("nonResourceURLs");
        if (!urls.isEmpty()) {
            if (namespaced) {
                checks.add(FieldError.invalid(
                        at + ".nonResourceURLs", urls, "namespaced rules cannot apply to non-resource URLs"));
            }
            if (!rule.path("apiGroups").isEmpty()
                    || !rule.path("resources").isEmpty()
                    || !rule.path("resourceNames").isEmpty()) {
                checks.add(FieldError.invalid(
                        at + ".nonResourceURLs",
                        urls,
                        "rules cannot apply to both regular resources and non-resource URLs"));
            }
            return;
        }
        if (rule.path("apiGroups").isEmpty()) {
            checks.add(FieldError.required(at + ".apiGroups", "resource rules must supply at least one api group"));
        }
        if (rule.path("resources").isEmpty()) {
            checks.add(FieldError.required(at + ".resources", "resource rules must supply at least one resource"));
        }
    }
}
