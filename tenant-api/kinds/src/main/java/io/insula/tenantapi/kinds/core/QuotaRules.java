package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What a ResourceQuota may limit, and which of its scopes go with that. Source: kubernetes
/// `pkg/apis/core/validation`, `ValidateResourceQuotaSpec`, and `pkg/apis/core/helper`.
final class QuotaRules {

    private static final Set<String> COMPUTE =
            Set.of("cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory");
    private static final Set<String> CLAIMS = Set.of("persistentvolumeclaims", "requests.storage");
    private static final Set<String> WITHOUT_VALUES =
            Set.of("BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity");
    private static final Set<String> SCOPES = Set.of(
            "BestEffort",
            "NotBestEffort",
            "Terminating",
            "NotTerminating",
            "CrossNamespacePodAffinity",
            "PriorityClass",
            "VolumeAttributesClass");

    private QuotaRules() {}

    static List<FieldError> validate(JsonNode spec) {
        var checks = new Checks();
        spec.path("hard").properties().forEach(hard -> {
            String at = "spec.hard[" + hard.getKey() + "]";
            ResourceNames.quota(hard.getKey(), at, checks);
            ResourceNames.amount(hard.getKey(), hard.getValue().asText(), at, checks);
        });
        scopes(spec, checks);
        int i = 0;
        for (JsonNode requirement : spec.path("scopeSelector").path("matchExpressions")) {
            i++;
            requirement(spec, requirement, checks);
        }
        return i == 0 ? checks.errors() : conflicts(spec, checks).errors();
    }

    private static void scopes(JsonNode spec, Checks checks) {
        var all = new HashSet<String>();
        for (JsonNode scope : spec.path("scopes")) {
            if (!SCOPES.contains(scope.asText())) {
                checks.add(FieldError.invalid("spec.scopes", spec.path("scopes"), "unsupported scope"));
            }
            for (int n = misfits(spec, scope.asText()); n > 0; n--) {
                checks.add(FieldError.invalid(
                        "spec.scopes", spec.path("scopes"), "unsupported scope applied to resource"));
            }
            all.add(scope.asText());
        }
        if (exclude(all)) {
            checks.add(FieldError.invalid("spec.scopes", spec.path("scopes"), "conflicting scopes"));
        }
    }

    private static void requirement(JsonNode spec, JsonNode requirement, Checks checks) {
        String at = "spec.scopeSelector.matchExpressions";
        String scope = requirement.path("scopeName").asText("");
        String operator = requirement.path("operator").asText("");
        if (!SCOPES.contains(scope)) {
            checks.add(FieldError.invalid(at + ".scopeName", scope, "unsupported scope"));
        }
        for (int n = misfits(spec, scope); n > 0; n--) {
            checks.add(FieldError.invalid(at, spec.path("scopeSelector"), "unsupported scope applied to resource"));
        }
        if (WITHOUT_VALUES.contains(scope) && !operator.equals("Exists")) {
            checks.add(FieldError.invalid(
                    at + ".operator",
                    operator,
                    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating,"
                            + " ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort,"
                            + " ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"));
        }
        boolean hasValues = !requirement.path("values").isEmpty();
        switch (operator) {
            case "In", "NotIn" -> {
                if (!hasValues) {
                    checks.add(FieldError.required(
                            at + ".values",
                            "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
                }
            }
            case "Exists", "DoesNotExist" -> {
                if (hasValues) {
                    checks.add(FieldError.invalid(
                            at + ".values",
                            requirement.path("values"),
                            "must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope selector"));
                }
            }
            default -> checks.add(FieldError.invalid(at + ".operator", operator, "not a valid selector operator"));
        }
    }

    private static Checks conflicts(JsonNode spec, Checks checks) {
        var all = new HashSet<String>();
        spec.path("scopeSelector")
                .path("matchExpressions")
                .forEach(r -> all.add(r.path("scopeName").asText()));
        if (exclude(all)) {
            checks.add(FieldError.invalid(
                    "spec.scopeSelector.matchExpressions", spec.path("scopeSelector"), "conflicting scopes"));
        }
        return checks;
    }

    private static boolean exclude(Set<String> scopes) {
        return scopes.containsAll(Set.of("BestEffort", "NotBestEffort"))
                || scopes.containsAll(Set.of("Terminating", "NotTerminating"));
    }

    /// How many of the limits that the scope says nothing of.
    private static int misfits(JsonNode spec, String scope) {
        return (int) spec.path("hard").properties().stream()
                .filter(hard -> ResourceNames.isStandardOfQuotas(hard.getKey()) && !fits(scope, hard.getKey()))
                .count();
    }

    private static boolean fits(String scope, String resource) {
        return switch (scope) {
            case "Terminating", "NotTerminating", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity" ->
                resource.equals("pods") || COMPUTE.contains(resource);
            case "BestEffort" -> resource.equals("pods");
            case "VolumeAttributesClass" -> CLAIMS.contains(resource);
            default -> true;
        };
    }
}
