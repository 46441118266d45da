package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.AdmissionPlugin.Operation;
import io.insula.tenantapi.registry.AdmissionPlugin.Request;
import io.insula.tenantapi.selector.LabelSelector;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which requests a webhook, policy or binding is for. Immutable. Source: kubernetes/apiserver,
/// `admission/plugin/webhook/predicates` and `admission/plugin/policy/matching`.
///
/// @param rules with operations, groups, versions, resources and scope
/// @param exclude rules for what is left out after all; missing for webhooks
/// @param all whether missing rules mean every request (bindings)
record MatchCriteria(
        JsonNode rules,
        JsonNode exclude,
        LabelSelector namespaces,
        LabelSelector objects,
        boolean equivalent,
        boolean all) {

    private static final GroupVersionResource NAMESPACES = new GroupVersionResource("", "v1", "namespaces");
    private static final String GROUP = "admissionregistration.k8s.io";
    private static final Set<String> EXEMPT = Set.of(
            "mutatingwebhookconfigurations",
            "validatingwebhookconfigurations",
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
            "mutatingadmissionpolicies",
            "mutatingadmissionpolicybindings");

    /// The resource and kind under which a request matched.
    record Match(GroupVersionResource resource, GroupVersionKind kind) {}

    static MatchCriteria ofWebhook(JsonNode hook) {
        return new MatchCriteria(
                hook.path("rules"),
                hook.path("excludeResourceRules"),
                LabelSelector.of(hook.path("namespaceSelector")),
                LabelSelector.of(hook.path("objectSelector")),
                isEquivalent(hook),
                false);
    }

    /// Of a policy's matchConstraints or a binding's matchResources.
    static MatchCriteria ofPolicy(JsonNode resources, boolean all) {
        return new MatchCriteria(
                resources.path("resourceRules"),
                resources.path("excludeResourceRules"),
                selector(resources.path("namespaceSelector")),
                selector(resources.path("objectSelector")),
                isEquivalent(resources),
                all);
    }

    private static LabelSelector selector(JsonNode tree) {
        return tree.isObject() ? LabelSelector.of(tree) : LabelSelector.everything();
    }

    private static boolean isEquivalent(JsonNode tree) {
        return !tree.path("matchPolicy").asText("Equivalent").equals("Exact");
    }

    /// Whether no declaration may have a say: else nobody could take a broken one away.
    static boolean isExempt(Request request) {
        return request.resource().group().equals(GROUP)
                && EXEMPT.contains(request.resource().resource());
    }

    /// @throws ApiException when the namespace of the request cannot be found
    Optional<Match> match(Request request, Equivalents equivalents) {
        if (matchesRule(exclude, request, equivalents).isPresent()) {
            return Optional.empty();
        }
        Optional<Match> match = all && rules.isEmpty()
                ? Optional.of(new Match(request.resource(), request.kind()))
                : matchesRule(rules, request, equivalents);
        boolean selected = match.isPresent() && objectSelected(request) && namespaceSelected(request);
        return selected ? match : Optional.empty();
    }

    private Optional<Match> matchesRule(JsonNode all, Request request, Equivalents equivalents) {
        for (JsonNode rule : all) {
            if (fits(rule, request, request.resource())) {
                return Optional.of(new Match(request.resource(), request.kind()));
            }
        }
        if (!equivalent || all.isEmpty()) {
            return Optional.empty();
        }
        for (JsonNode rule : all) {
            for (GroupVersionResource other : equivalents.of(request.resource())) {
                if (fits(rule, request, other)) {
                    return equivalents.kindOf(other, request.subresource()).map(kind -> new Match(other, kind));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean fits(JsonNode rule, Request request, GroupVersionResource resource) {
        return scope(rule.path("scope").asText("*"), request)
                && contains(rule.path("operations"), request.operation().name())
                && contains(rule.path("apiGroups"), resource.group())
                && contains(rule.path("apiVersions"), resource.version())
                && resource(rule.path("resources"), resource.resource(), request.subresource())
                && (rule.path("resourceNames").isEmpty() || contains(rule.path("resourceNames"), request.name()));
    }

    private static boolean scope(String scope, Request request) {
        boolean namespaced = !request.namespace().isEmpty() && !isNamespace(request);
        return switch (scope) {
            case "Namespaced" -> namespaced;
            case "Cluster" -> !namespaced;
            default -> true;
        };
    }

    private static boolean resource(JsonNode wanted, String resource, String subresource) {
        for (JsonNode one : wanted) {
            String[] parts = one.asText().split("/", 2);
            boolean sameResource = parts[0].equals("*") || parts[0].equals(resource);
            String sub = parts.length > 1 ? parts[1] : "";
            if (sameResource && (sub.equals("*") || sub.equals(subresource))) {
                return true;
            }
        }
        return false;
    }

    private static boolean contains(JsonNode texts, String wanted) {
        for (JsonNode text : texts) {
            if (text.asText().equals("*") || text.asText().equals(wanted)) {
                return true;
            }
        }
        return false;
    }

    private boolean objectSelected(Request request) {
        return objects.isEverything() || labelled(request.object()) || labelled(request.oldObject());
    }

    private boolean labelled(@Nullable ObjectNode object) {
        return object != null && object.has("metadata") && objects.matches(Meta.labels(object));
    }

    private static boolean isNamespace(Request request) {
        return request.resource().equals(NAMESPACES);
    }

    private boolean namespaceSelected(Request request) {
        if (namespaces.isEverything()) {
            return true;
        }
        if (isNamespace(request)) {
            return namespaces.matches(namespaceLabels(request));
        }
        // what has no namespace is never exempted
        return request.namespace().isEmpty() || namespaces.matches(labelsOf(request.namespace(), request));
    }

    private static Map<String, String> namespaceLabels(Request request) {
        ObjectNode object = request.object();
        boolean own = request.subresource().isEmpty()
                && (request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE);
        return own && object != null ? Meta.labels(object) : labelsOf(request.name(), request);
    }

    private static Map<String, String> labelsOf(String namespace, Request request) {
        return request.client()
                .recent()
                .get(NAMESPACES, "", namespace)
                .or(() -> request.client().get(NAMESPACES, "", namespace))
                .map(Meta::labels)
                .orElseThrow(() -> ApiException.notFound(NAMESPACES, namespace));
    }
}
