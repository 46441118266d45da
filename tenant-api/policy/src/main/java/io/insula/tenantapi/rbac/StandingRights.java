package io.insula.tenantapi.rbac;

import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.Authorizer.Decision;
import io.insula.tenantapi.auth.Authorizer.ResourceRule;
import io.insula.tenantapi.auth.Authorizer.Rules;
import io.insula.tenantapi.auth.UserInfo;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// What those may do who serve a cluster from outside: by no role of the cluster's, so that no administrator of it can
/// take it away. Nobody can act as one of them either, not even who may do everything: what is recorded as theirs they
/// have done. Everybody else is judged as ever. Immutable.
///
/// @param group whose members have these rights; empty for nobody's
/// @param rules in all namespaces
/// @param more likewise, asked at each request: must be fast
public record StandingRights(String group, List<ResourceRule> rules, Supplier<List<ResourceRule>> more) {

    public static final StandingRights NONE = new StandingRights("", List.of());

    public StandingRights {
        rules = List.copyOf(rules);
    }

    public StandingRights(String group, List<ResourceRule> rules) {
        this(group, rules, List::of);
    }

    /// And what is needed from time to time.
    public StandingRights and(Supplier<List<ResourceRule>> others) {
        return new StandingRights(group, rules, others);
    }

    private Stream<ResourceRule> all() {
        return Stream.concat(rules.stream(), more.get().stream());
    }

    /// Whether the user is one whom nothing in the cluster may hold up.
    public boolean isFor(UserInfo user) {
        return !group.isEmpty() && user.groups().contains(group);
    }

    /// These rights, and what `next` gives.
    public Authorizer before(Authorizer next) {
        return group.isEmpty() ? next : new Before(this, next);
    }

    private boolean allows(Attributes wanted) {
        return isFor(wanted.user()) && own().anyMatch(rule -> rule.allows(wanted));
    }

    /// Whether somebody wants to act as one of them.
    private boolean isWantedBy(Attributes wanted) {
        return wanted.verb().equals("impersonate")
                && wanted.resource().equals("groups")
                && wanted.name().equals(group);
    }

    private Stream<Rule> own() {
        return all().map(Rule::of);
    }

    private record Before(StandingRights rights, Authorizer next) implements Authorizer {
        @Override
        public Decision authorize(Attributes attributes) {
            if (rights.isWantedBy(attributes)) {
                return new Decision(false, "nobody acts as one of group \"" + rights.group() + "\"");
            }
            return rights.allows(attributes)
                    ? new Decision(true, "standing rights of group \"" + rights.group() + "\"")
                    : next.authorize(attributes);
        }

        @Override
        public void expectWrite(GroupVersionResource resource, String namespace, String name) {
            next.expectWrite(resource, namespace, name);
        }

        @Override
        public Rules rulesFor(UserInfo user, String namespace) {
            var others = next.rulesFor(user, namespace);
            return rights.isFor(user)
                    ? new Rules(
                            Stream.concat(rights.all(), others.resourceRules().stream())
                                    .toList(),
                            others.nonResourceRules(),
                            others.incomplete(),
                            others.evaluationError())
                    : others;
        }
    }
}
