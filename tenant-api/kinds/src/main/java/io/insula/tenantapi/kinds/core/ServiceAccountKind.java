package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.Subresource;
import io.insula.tenantapi.registry.SubresourceRequest;
import jakarta.inject.Singleton;
import java.util.List;

@Singleton
final class ServiceAccountKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced("", "v1", "ServiceAccount", "serviceaccounts")
            .shortNames("sa")
            .subresource(Subresource.of(
                            "token", new GroupVersionKind("authentication.k8s.io", "v1", "TokenRequest"), "create")
                    .storingNothing());

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public boolean returnsDeletedObject() {
        return true;
    }

    @Override
    public List<Column> columns() {
        return List.of(Printers.NAME, Printers.count("Secrets", "secrets"), Printers.AGE);
    }

    @Override
    public ObjectNode subresource(SubresourceRequest request) {
        return TokenRequests.issue(request);
    }
}
