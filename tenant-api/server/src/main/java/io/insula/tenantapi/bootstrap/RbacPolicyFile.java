package io.insula.tenantapi.bootstrap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.rbac.RoleReconciliation;
import java.util.ArrayList;
import java.util.List;

/// Turns `rbac-policy.yaml` into roles and bindings.
final class RbacPolicyFile {

    static final GroupVersionResource CLUSTER_ROLES = resource("clusterroles");
    private static final GroupVersionResource CLUSTER_ROLE_BINDINGS = resource("clusterrolebindings");
    private static final GroupVersionResource ROLES = resource("roles");
    private static final GroupVersionResource ROLE_BINDINGS = resource("rolebindings");
    private static final String AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-";
    private static final String CONTROLLER = "system:controller:";

    private final List<Wanted> wanted = new ArrayList<>();

    static List<Wanted> read() {
        JsonNode policy = YamlResource.read("rbac-policy.yaml");
        var file = new RbacPolicyFile();
        policy.path("clusterRoles")
                .properties()
                .forEach(entry -> file.addClusterRole(entry.getKey(), entry.getValue()));
        policy.path("controllers").properties().forEach(entry -> file.addController(entry.getKey(), entry.getValue()));
        policy.path("namespaces")
                .properties()
                .forEach(namespace -> namespace
                        .getValue()
                        .properties()
                        .forEach(entry -> file.addRole(namespace.getKey(), entry.getKey(), entry.getValue())));
        return file.wanted;
    }

    private void addClusterRole(String name, JsonNode entry) {
        ObjectNode role = object("ClusterRole", "", name);
        if (entry.has("aggregateTo")) {
            Meta.of(role)
                    .withObjectProperty("labels")
                    .put(AGGREGATE + entry.path("aggregateTo").asText(), "true");
        }
        if (entry.has("aggregates")) {
            role.putObject("aggregationRule")
                    .putArray("clusterRoleSelectors")
                    .addObject()
                    .putObject("matchLabels")
                    .put(AGGREGATE + entry.path("aggregates").asText(), "true");
        }
        setRules(role, entry.path("rules"));
        wanted.add(new Wanted(CLUSTER_ROLES, role, RoleReconciliation::role));
        if (entry.has("bindTo")) {
            addBinding(CLUSTER_ROLE_BINDINGS, object("ClusterRoleBinding", "", name), role, entry.path("bindTo"));
        }
    }

    private void addController(String account, JsonNode rules) {
        ObjectNode role = object("ClusterRole", "", CONTROLLER + account);
        setRules(role, rules);
        wanted.add(new Wanted(CLUSTER_ROLES, role, RoleReconciliation::role));
        var subjects = Json.object().putArray("bindTo").add("ServiceAccount kube-system/" + account);
        addBinding(CLUSTER_ROLE_BINDINGS, object("ClusterRoleBinding", "", CONTROLLER + account), role, subjects);
    }

    private void addRole(String namespace, String name, JsonNode entry) {
        ObjectNode role = object("Role", namespace, name);
        setRules(role, entry.path("rules"));
        wanted.add(new Wanted(ROLES, role, RoleReconciliation::role));
        String bindingName = entry.path("bindingName").asText(name);
        addBinding(ROLE_BINDINGS, object("RoleBinding", namespace, bindingName), role, entry.path("bindTo"));
    }

    private void addBinding(GroupVersionResource resource, ObjectNode binding, ObjectNode role, JsonNode subjects) {
        binding.putObject("roleRef")
                .put("apiGroup", Subjects.RBAC)
                .put("kind", role.path("kind").asText())
                .put("name", Meta.name(role));
        if (!subjects.isEmpty()) {
            var array = binding.putArray("subjects");
            subjects.forEach(subject -> Subjects.addToBinding(array, subject.asText()));
        }
        wanted.add(new Wanted(resource, binding, RoleReconciliation::binding));
    }

    private static void setRules(ObjectNode role, JsonNode lines) {
        var rules = role.putArray("rules");
        lines.forEach(line -> rules.add(RuleLine.parse(line.asText())));
    }

    private static ObjectNode object(String kind, String namespace, String name) {
        ObjectNode object =
                Json.object().put("apiVersion", Subjects.RBAC + "/v1").put("kind", kind);
        ObjectNode meta = Meta.of(object).put("name", name);
        if (!namespace.isEmpty()) {
            meta.put("namespace", namespace);
        }
        meta.putObject("labels").put("kubernetes.io/bootstrapping", "rbac-defaults");
        meta.putObject("annotations").put(RoleReconciliation.AUTO_UPDATE, "true");
        return object;
    }

    private static GroupVersionResource resource(String plural) {
        return new GroupVersionResource(Subjects.RBAC, "v1", plural);
    }
}
