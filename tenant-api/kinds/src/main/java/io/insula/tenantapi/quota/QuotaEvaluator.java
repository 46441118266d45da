package io.insula.tenantapi.quota;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.api.GroupVersionResource;
import java.time.Instant;
import java.util.Set;

/// Measures the objects of one resource. Pure. Source: kubernetes, `pkg/quota/v1/evaluator/core`.
public interface QuotaEvaluator {

    /// What an object uses of everything this evaluator measures.
    ///
    /// @param now a pod whose grace period is over no longer counts
    Amounts usage(JsonNode object, Instant now);

    /// Whether a name in `spec.hard` is about objects of this resource.
    boolean measures(String name);

    /// Whether one requirement of a scope selector (`scopeName`, `operator`, `values`) selects an object. Scopes that
    /// mean nothing for the resource select none of its objects.
    default boolean inScope(JsonNode requirement, JsonNode object) {
        return false;
    }

    /// What an object must say to be measurable and does not, `limits.cpu for: c`; empty when nothing is missing.
    ///
    /// @param names of `spec.hard`, those that this evaluator measures
    default String missing(Set<String> names, JsonNode object) {
        return "";
    }

    /// The one for a resource; most are merely counted.
    static QuotaEvaluator of(GroupVersionResource resource) {
        if (!resource.group().isEmpty()) {
            return new ObjectCount(resource);
        }
        return switch (resource.resource()) {
            case "pods" -> new PodQuota();
            case "services" -> new ServiceQuota();
            case "persistentvolumeclaims" -> new ClaimQuota();
            default -> new ObjectCount(resource);
        };
    }
}
