package io.insula.tenantapi.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.selector.LabelSelector;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Decides what becomes of roles and bindings that should hold at least what the server's own policy says, and what
/// aggregating roles hold. Pure functions.
///
/// Source: kubernetes/component-helpers, `auth/rbac/reconciliation`: missing rules, subjects, labels and annotations
/// are added, extra ones stay, objects annotated `autoupdate: "false"` are left alone.
public final class RoleReconciliation {

    public static final String AUTO_UPDATE = "rbac.authorization.kubernetes.io/autoupdate";

    private RoleReconciliation() {}

    /// The changed Role or ClusterRole; empty when `current` will do.
    public static Optional<ObjectNode> role(ObjectNode current, ObjectNode wanted) {
        if (isProtected(current)) {
            return Optional.empty();
        }
        ObjectNode changed = current.deepCopy();
        addMetadata(changed, wanted);
        if (wanted.has("aggregationRule")) {
            addSelectors(changed, wanted);
        } else {
            addRules(changed, wanted);
        }
        return changed.equals(current) ? Optional.empty() : Optional.of(changed);
    }

    /// The changed RoleBinding or ClusterRoleBinding; empty when `current` will do. Where [#needsNewBinding] it must be
    /// created in place of the deleted one.
    public static Optional<ObjectNode> binding(ObjectNode current, ObjectNode wanted) {
        if (isProtected(current)) {
            return Optional.empty();
        }
        if (needsNewBinding(current, wanted)) {
            return Optional.of(wanted.deepCopy());
        }
        ObjectNode changed = current.deepCopy();
        addMetadata(changed, wanted);
        addMissing(changed, "subjects", wanted.path("subjects"));
        return changed.equals(current) ? Optional.empty() : Optional.of(changed);
    }

    /// Whether both are bindings, of different roles.
    public static boolean needsNewBinding(ObjectNode current, ObjectNode wanted) {
        return wanted.has("roleRef")
                && !RoleRef.of(current.path("roleRef"), "").equals(RoleRef.of(wanted.path("roleRef"), ""));
    }

    /// The aggregating ClusterRoles among `roles` whose rules differ from what they select, with those rules.
    /// Roles that aggregate other aggregating roles are followed until nothing changes.
    public static List<ObjectNode> aggregate(List<ObjectNode> roles) {
        var latest = new ArrayList<>(roles);
        latest.sort(Comparator.comparing(Meta::name));
        var changed = new LinkedHashSet<String>();
        boolean again = true;
        for (int round = 0; again && round <= roles.size(); round++) {
            again = false;
            for (int i = 0; i < latest.size(); i++) {
                ObjectNode role = latest.get(i);
                if (!role.hasNonNull("aggregationRule")) {
                    continue;
                }
                ArrayNode rules = selectedRules(role, latest);
                if (!rules.equals(role.path("rules"))) {
                    ObjectNode copy = role.deepCopy();
                    copy.set("rules", rules);
                    latest.set(i, copy);
                    changed.add(Meta.name(copy));
                    again = true;
                }
            }
        }
        return latest.stream().filter(role -> changed.contains(Meta.name(role))).toList();
    }

    private static ArrayNode selectedRules(ObjectNode aggregating, List<ObjectNode> roles) {
        var rules = new LinkedHashSet<JsonNode>();
        for (JsonNode selector : aggregating.path("aggregationRule").path("clusterRoleSelectors")) {
            for (ObjectNode role : roles) {
                if (!Meta.name(role).equals(Meta.name(aggregating))
                        && LabelSelector.of(selector).matches(Meta.labels(role))) {
                    role.path("rules").forEach(rules::add);
                }
            }
        }
        ArrayNode array = Json.MAPPER.createArrayNode();
        rules.forEach(rule -> array.add(rule.deepCopy()));
        return array;
    }

    private static void addRules(ObjectNode changed, ObjectNode wanted) {
        List<Rule> held = Rule.all(changed.path("rules"));
        for (JsonNode rule : wanted.path("rules")) {
            if (!RuleSets.missing(held, List.of(Rule.of(rule))).isEmpty()) {
                changed.withArrayProperty("rules").add(rule.deepCopy());
            }
        }
    }

    private static void addSelectors(ObjectNode changed, ObjectNode wanted) {
        addMissing(
                changed.withObjectProperty("aggregationRule"),
                "clusterRoleSelectors",
                wanted.path("aggregationRule").path("clusterRoleSelectors"));
    }

    private static void addMissing(ObjectNode target, String field, JsonNode wanted) {
        for (JsonNode element : wanted) {
            boolean present = target.path(field).valueStream().anyMatch(element::equals);
            if (!present) {
                target.withArrayProperty(field).add(element.deepCopy());
            }
        }
    }

    private static void addMetadata(ObjectNode changed, ObjectNode wanted) {
        addAll(changed, "labels", Meta.labels(wanted));
        addAll(changed, "annotations", Meta.annotations(wanted));
    }

    private static void addAll(ObjectNode changed, String field, Map<String, String> wanted) {
        wanted.forEach(
                (key, value) -> Meta.of(changed).withObjectProperty(field).put(key, value));
    }

    private static boolean isProtected(ObjectNode current) {
        return Meta.annotations(current).getOrDefault(AUTO_UPDATE, "").equals("false");
    }
}
