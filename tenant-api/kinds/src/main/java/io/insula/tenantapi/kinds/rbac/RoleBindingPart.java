package io.insula.tenantapi.kinds.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.Names;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import java.util.List;

/// All of RoleBinding and ClusterRoleBinding but their names: what they may bind follows from their scope.
interface RoleBindingPart extends StoredKind {

    @Override
    default List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return BindingRules.validate(object, spec().namespaced());
    }

    @Override
    default List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        var checks = new Checks().addAll(validateCreate(wanted, context));
        return checks.unchanged(wanted.path("roleRef"), current.path("roleRef"), "roleRef", "cannot change roleRef")
                .errors();
    }

    @Override
    default void applyDefaults(ObjectNode object) {
        BindingRules.applyDefaults(object);
    }

    @Override
    default String checkName(String name) {
        return Names.pathSegment(name);
    }

    @Override
    default List<Column> columns() {
        return List.of(
                Printers.NAME,
                Column.of(
                        "Role",
                        (o, now) -> o.path("roleRef").path("kind").asText() + "/"
                                + o.path("roleRef").path("name").asText()),
                Printers.AGE,
                Column.of("Users", (o, now) -> BindingRules.subjects(o, "User")).wide(),
                Column.of("Groups", (o, now) -> BindingRules.subjects(o, "Group"))
                        .wide(),
                Column.of("ServiceAccounts", (o, now) -> BindingRules.subjects(o, "ServiceAccount"))
                        .wide());
    }
}
