package io.insula.tenantapi.auth;

import io.insula.tenantapi.api.GroupVersionResource;
import java.util.List;

/// Decides whether a user may do what a request wants.
@FunctionalInterface
public interface Authorizer {

    Decision authorize(Attributes attributes);

    /// Everything `user` may do in `namespace` (empty: at the cluster scope). An authorizer that cannot list its rules
    /// says so by [Rules#incomplete].
    default Rules rulesFor(UserInfo user, String namespace) {
        return new Rules(List.of(), List.of(), true, "this authorizer does not support rule resolution");
    }

    /// Tells of a write by which decisions may change, when it has been admitted and is about to be stored:
    /// the very next decision must count with it. An authorizer whose decisions no object changes need not
    /// listen.
    ///
    /// @param resource of the object; `namespace` is empty at the cluster scope
    default void expectWrite(GroupVersionResource resource, String namespace, String name) {}

    /// @param reason for people and the audit trail, e.g. which binding allowed it; may be empty
    record Decision(boolean allowed, String reason) {

        public static final Decision NO_OPINION = new Decision(false, "");
    }

    /// @param evaluationError what went wrong while the rules were gathered; empty when nothing did
    record Rules(
            List<ResourceRule> resourceRules,
            List<NonResourceRule> nonResourceRules,
            boolean incomplete,
            String evaluationError) {
        public Rules {
            resourceRules = List.copyOf(resourceRules);
            nonResourceRules = List.copyOf(nonResourceRules);
        }
    }

    /// @param resourceNames empty for all names
    record ResourceRule(
            List<String> verbs, List<String> apiGroups, List<String> resources, List<String> resourceNames) {
        public ResourceRule {
            verbs = List.copyOf(verbs);
            apiGroups = List.copyOf(apiGroups);
            resources = List.copyOf(resources);
            resourceNames = List.copyOf(resourceNames);
        }
    }

    record NonResourceRule(List<String> verbs, List<String> nonResourceUrls) {
        public NonResourceRule {
            verbs = List.copyOf(verbs);
            nonResourceUrls = List.copyOf(nonResourceUrls);
        }
    }
}
