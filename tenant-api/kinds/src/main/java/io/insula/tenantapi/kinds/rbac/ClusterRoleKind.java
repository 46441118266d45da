package io.insula.tenantapi.kinds.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.Names;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;

@Singleton
final class ClusterRoleKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.cluster(
                    "rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles")
            .creatingOnUpdate();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return RoleRules.validate(object, false);
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return validateCreate(wanted, context);
    }

    @Override
    public String checkName(String name) {
        return Names.pathSegment(name);
    }
}
