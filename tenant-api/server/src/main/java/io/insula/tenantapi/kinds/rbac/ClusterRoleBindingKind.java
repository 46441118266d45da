package io.insula.tenantapi.kinds.rbac;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class ClusterRoleBindingKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings")
                .creatingOnUpdate();
    }
}
