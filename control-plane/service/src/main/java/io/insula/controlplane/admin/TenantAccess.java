package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Who of those with tokens has a say about one tenant: `spec.access` of a `Tenant`. Immutable. It stands in the
/// tenant and not in the service's options, so that it ends with it: a tenant that is made later, by the same name, is
/// somebody else's.
///
/// @param uid of the tenant
record TenantAccess(String uid, List<Rule> rules) {

    static final String FIELD = "access";

    private static final String GROUP = "group";
    private static final String ROLE = "role";
    private static final String CLUSTER_GROUPS = "clusterGroups";
    private static final int MOST_RULES = 64;
    private static final int MOST_GROUPS = 16;
    private static final int LONGEST_GROUP = 253;

    TenantAccess {
        rules = List.copyOf(rules);
    }

    /// @param group as the issuer calls it
    /// @param clusterGroups those of the tenant's own cluster that its people are in besides
    record Rule(String group, Role role, List<String> clusterGroups) {
        Rule {
            clusterGroups = List.copyOf(clusterGroups);
        }
    }

    /// @param tenant a `Tenant`, whose definition has checked it
    static TenantAccess of(JsonNode tenant) {
        var rules = new ArrayList<Rule>();
        for (JsonNode given : tenant.path("spec").path(FIELD)) {
            var groups = new ArrayList<String>();
            given.path(CLUSTER_GROUPS).forEach(group -> groups.add(group.asText()));
            Role role = Role.of(given.path(ROLE).asText())
                    .filter(Role::isOfOneTenant)
                    .orElse(Role.MEMBER);
            rules.add(new Rule(given.path(GROUP).asText(), role, groups));
        }
        return new TenantAccess(tenant.path("metadata").path("uid").asText(), rules);
    }

    /// The rules that a request wants.
    ///
    /// @throws AdminException 400 for what is malformed, 422 for a group that nobody can be put into
    static ArrayNode read(ArrayNode given) {
        if (given.size() > MOST_RULES) {
            throw AdminException.invalid(FIELD + ": " + given.size() + " (expected: at most " + MOST_RULES + ")");
        }
        var seen = new HashSet<String>();
        ArrayNode all = Json.MAPPER.createArrayNode();
        for (int i = 0; i < given.size(); i++) {
            String path = FIELD + "[" + i + "]";
            StrictBody rule = StrictBody.within(path, given.get(i), Set.of(GROUP, ROLE, CLUSTER_GROUPS));
            String group = rule.requireText(GROUP);
            if (group.isEmpty() || group.length() > LONGEST_GROUP || !seen.add(group)) {
                throw AdminException.invalid(path + "." + GROUP + ": \"" + group + "\" (expected: 1 to " + LONGEST_GROUP
                        + " characters, and once)");
            }
            String word = rule.text(ROLE).orElse(Role.MEMBER.word());
            if (Role.of(word).filter(Role::isOfOneTenant).isEmpty()) {
                throw AdminException.invalid(path + "." + ROLE + ": \"" + word + "\" (expected: owner or member)");
            }
            ObjectNode checked = all.addObject().put(GROUP, group).put(ROLE, word);
            List<String> groups = rule.texts(CLUSTER_GROUPS);
            if (groups.size() > MOST_GROUPS) {
                throw AdminException.invalid(path + "." + CLUSTER_GROUPS + ": " + groups.size() + " (expected: at most "
                        + MOST_GROUPS + ")");
            }
            groups.forEach(each -> {
                CredentialRequest.requireGroup(each);
                checked.withArrayProperty(CLUSTER_GROUPS).add(each);
            });
        }
        return all;
    }

    /// The groups that stand for roles here, of somebody whose token has others.
    ///
    /// @param groups with the prefix of tokens' groups
    List<String> standing(List<String> groups) {
        return rules.stream()
                .filter(rule -> groups.contains(OidcPlan.PREFIX + rule.group()))
                .map(rule -> rule.role().groupFor(uid))
                .distinct()
                .toList();
    }

    /// The groups of the tenant's own that somebody is put into, in their order here.
    Set<String> clusterGroups(List<String> groups) {
        var all = new LinkedHashSet<String>();
        rules.stream()
                .filter(rule -> groups.contains(OidcPlan.PREFIX + rule.group()))
                .forEach(rule -> all.addAll(rule.clusterGroups()));
        return all;
    }
}
