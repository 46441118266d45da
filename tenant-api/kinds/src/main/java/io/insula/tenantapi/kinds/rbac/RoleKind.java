package io.insula.tenantapi.kinds.rbac;

import io.insula.tenantapi.registry.KindSpec;
import jakarta.inject.Singleton;

@Singleton
final class RoleKind implements RolePart {

    private static final KindSpec SPEC = KindSpec.namespaced("rbac.authorization.k8s.io", "v1", "Role", "roles")
            .creatingOnUpdate();

    @Override
    public KindSpec spec() {
        return SPEC;
    }
}
