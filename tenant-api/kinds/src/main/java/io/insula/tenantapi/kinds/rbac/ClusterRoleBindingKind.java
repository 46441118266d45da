package io.insula.tenantapi.kinds.rbac;

import io.insula.tenantapi.registry.KindSpec;
import jakarta.inject.Singleton;

@Singleton
final class ClusterRoleBindingKind implements RoleBindingPart {

    private static final KindSpec SPEC = KindSpec.cluster(
                    "rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings")
            .creatingOnUpdate();

    @Override
    public KindSpec spec() {
        return SPEC;
    }
}
