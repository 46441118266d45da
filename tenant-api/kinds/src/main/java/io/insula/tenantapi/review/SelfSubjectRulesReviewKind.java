package io.insula.tenantapi.review;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ReviewKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;

/// What may I do in this namespace? `kubectl auth can-i --list`.
@Singleton
final class SelfSubjectRulesReviewKind implements ReviewKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews")
                .verbs("create");
    }

    @Override
    public ObjectNode review(ObjectNode object, WriteContext context) {
        String namespace = object.path("spec").path("namespace").asText("");
        if (namespace.isEmpty()) {
            throw ApiException.badRequest("no namespace on request");
        }
        Authorizer.Rules rules = context.services().authorizer().rulesFor(context.user(), namespace);
        ObjectNode status = object.putObject("status");
        var resourceRules = status.putArray("resourceRules");
        for (Authorizer.ResourceRule rule : rules.resourceRules()) {
            ObjectNode shown = resourceRules.addObject();
            Reviews.addAll(shown, "verbs", rule.verbs());
            Reviews.addAll(shown, "apiGroups", rule.apiGroups());
            Reviews.addAll(shown, "resources", rule.resources());
            if (!rule.resourceNames().isEmpty()) {
                Reviews.addAll(shown, "resourceNames", rule.resourceNames());
            }
        }
        var nonResourceRules = status.putArray("nonResourceRules");
        for (Authorizer.NonResourceRule rule : rules.nonResourceRules()) {
            ObjectNode shown = nonResourceRules.addObject();
            Reviews.addAll(shown, "verbs", rule.verbs());
            Reviews.addAll(shown, "nonResourceURLs", rule.nonResourceUrls());
        }
        status.put("incomplete", rules.incomplete());
        if (!rules.evaluationError().isEmpty()) {
            status.put("evaluationError", rules.evaluationError());
        }
        return object;
    }
}
