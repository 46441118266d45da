package io.insula.tenantapi.quota;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Which quota concerns which objects. Pure. Source: kubernetes/apiserver, `pkg/quota/v1/generic/evaluator.go`.
public final class Quotas {

    private static final GroupVersionResource PODS = core("pods");
    private static final GroupVersionResource SERVICES = core("services");
    private static final GroupVersionResource CLAIMS = core("persistentvolumeclaims");

    private Quotas() {}

    /// The names of `hard` that an evaluator measures.
    public static Set<String> measured(QuotaEvaluator evaluator, Amounts hard) {
        return hard.byName().keySet().stream().filter(evaluator::measures).collect(Collectors.toUnmodifiableSet());
    }

    /// Whether an object is within all scopes of a quota.
    public static boolean inScopes(JsonNode quota, QuotaEvaluator evaluator, JsonNode object) {
        return scopes(quota).stream().allMatch(requirement -> evaluator.inScope(requirement, object));
    }

    /// The resource that a name in `spec.hard` is about, its version left empty; empty for names that nothing measures.
    public static Optional<GroupVersionResource> resourceOf(String name) {
        for (GroupVersionResource special : List.of(PODS, SERVICES, CLAIMS)) {
            if (QuotaEvaluator.of(special).measures(name)) {
                return Optional.of(special);
            }
        }
        if (ObjectCount.ALIASES.contains(name)) {
            return Optional.of(core(name));
        }
        if (!name.startsWith(ObjectCount.PREFIX)) {
            return Optional.empty();
        }
        String qualified = name.substring(ObjectCount.PREFIX.length());
        int dot = qualified.indexOf('.');
        return Optional.of(
                dot < 0
                        ? core(qualified)
                        : new GroupVersionResource(qualified.substring(dot + 1), "", qualified.substring(0, dot)));
    }

    /// Whether a requirement selects a value; an empty one counts as absent.
    static boolean selects(JsonNode requirement, String value) {
        return switch (requirement.path("operator").asText()) {
            case "Exists" -> !value.isEmpty();
            case "DoesNotExist" -> value.isEmpty();
            case "In" -> !value.isEmpty() && has(requirement, value);
            case "NotIn" -> value.isEmpty() || !has(requirement, value);
            default -> false;
        };
    }

    private static boolean has(JsonNode requirement, String value) {
        for (JsonNode candidate : requirement.path("values")) {
            if (candidate.asText().equals(value)) {
                return true;
            }
        }
        return false;
    }

    private static List<JsonNode> scopes(JsonNode quota) {
        var all = new ArrayList<JsonNode>();
        quota.path("spec")
                .path("scopes")
                .forEach(scope ->
                        all.add(Json.object().put("scopeName", scope.asText()).put("operator", "Exists")));
        quota.path("spec").path("scopeSelector").path("matchExpressions").forEach(all::add);
        return all;
    }

    private static GroupVersionResource core(String resource) {
        return new GroupVersionResource("", "v1", resource);
    }
}
