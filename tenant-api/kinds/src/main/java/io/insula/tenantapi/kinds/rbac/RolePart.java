package io.insula.tenantapi.kinds.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.registry.Names;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import java.util.List;

/// All of Role and ClusterRole but their names: what their rules may speak of follows from their scope.
interface RolePart extends StoredKind {

    @Override
    default List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return RoleRules.validate(object, spec().namespaced());
    }

    @Override
    default List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return validateCreate(wanted, context);
    }

    @Override
    default String checkName(String name) {
        return Names.pathSegment(name);
    }
}
