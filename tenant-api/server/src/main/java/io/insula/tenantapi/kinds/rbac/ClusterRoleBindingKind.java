package io.insula.tenantapi.kinds.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.Names;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

@Singleton
final class ClusterRoleBindingKind implements ResourceKind {

    private static final List<String> ROLE_KINDS = List.of("ClusterRole");

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings")
                .creatingOnUpdate();
    }

    @Override
    public String checkName(String name) {
        return Names.pathSegment(name);
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        RbacForm.defaultBinding(object);
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return RbacForm.checkBinding(object, ROLE_KINDS, false);
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        var errors = new ArrayList<>(RbacForm.checkBinding(wanted, ROLE_KINDS, false));
        errors.addAll(RbacForm.checkSameRole(wanted, current));
        return errors;
    }

    @Override
    public List<Column> columns() {
        return RbacForm.BINDING_COLUMNS;
    }
}
