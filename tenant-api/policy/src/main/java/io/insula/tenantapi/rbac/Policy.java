package io.insula.tenantapi.rbac;

import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.auth.Authorizer.Decision;
import io.insula.tenantapi.auth.UserInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// All roles and bindings of a tenant at one moment, found by subject: a check looks only at bindings that name the
/// user or one of the user's groups. Immutable.
///
/// Source: kubernetes/plugin/pkg/auth/authorizer/rbac (order, wording).
final class Policy {

    private final Map<RoleRef, List<Rule>> roles;
    private final Map<Subject.Key, List<Grant>> grants;

    private record Grant(Binding binding, Subject subject) {}

    /// What a user holds, and which roles could not be found.
    record Holding(List<Rule> rules, Set<String> errors) {}

    Policy(Map<RoleRef, List<Rule>> roles, Collection<Binding> bindings) {
        this.roles = Map.copyOf(roles);
        this.grants = new HashMap<>();
        for (Binding binding : bindings) {
            for (Subject subject : binding.subjects()) {
                grants.computeIfAbsent(subject.key(), key -> new ArrayList<>()).add(new Grant(binding, subject));
            }
        }
    }

    Decision decide(Attributes wanted) {
        var errors = new LinkedHashSet<String>();
        for (Grant grant : grantsOf(wanted.user(), wanted.isResourceRequest() ? wanted.namespace() : "")) {
            List<Rule> rules = roles.get(grant.binding().role());
            if (rules == null) {
                errors.add(notFound(grant.binding().role()));
            } else if (rules.stream().anyMatch(rule -> rule.allows(wanted))) {
                return new Decision(true, "RBAC: allowed by " + grant.binding().describe(grant.subject()));
            }
        }
        return new Decision(false, errors.isEmpty() ? "" : "RBAC: " + join(errors));
    }

    /// Everything that `user` may do in `namespace`; empty for the cluster scope.
    Holding held(UserInfo user, String namespace) {
        var rules = new ArrayList<Rule>();
        var errors = new LinkedHashSet<String>();
        var seen = new LinkedHashSet<RoleRef>();
        for (Grant grant : grantsOf(user, namespace)) {
            RoleRef role = grant.binding().role();
            List<Rule> found = roles.get(role);
            if (found == null) {
                errors.add(notFound(role));
            } else if (seen.add(role)) {
                rules.addAll(found);
            }
        }
        return new Holding(rules, errors);
    }

    static String join(Collection<String> errors) {
        return errors.size() == 1 ? errors.iterator().next() : "[" + String.join(", ", errors) + "]";
    }

    /// Cluster-wide grants first, as upstream visits them.
    private List<Grant> grantsOf(UserInfo user, String namespace) {
        var clusterWide = new LinkedHashMap<Grant, Boolean>();
        var local = new LinkedHashMap<Grant, Boolean>();
        keysOf(user).forEach(key -> {
            for (Grant grant : grants.getOrDefault(key, List.of())) {
                String scope = grant.binding().namespace();
                if (scope.isEmpty()) {
                    clusterWide.put(grant, true);
                } else if (scope.equals(namespace)) {
                    local.put(grant, true);
                }
            }
        });
        var all = new ArrayList<>(clusterWide.keySet());
        all.addAll(local.keySet());
        return all;
    }

    private static Stream<Subject.Key> keysOf(UserInfo user) {
        return Stream.concat(
                        Stream.of(new Subject.Key(false, user.name())),
                        user.groups().stream().map(group -> new Subject.Key(true, group)))
                .filter(key -> !key.name().isEmpty());
    }

    private static String notFound(RoleRef role) {
        String kind = role.kind().equals(RoleRef.ROLE) ? "role" : "clusterrole";
        return kind + ".rbac.authorization.k8s.io \"" + role.name() + "\" not found";
    }
}
