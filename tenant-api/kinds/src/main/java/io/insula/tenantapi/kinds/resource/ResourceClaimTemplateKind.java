package io.insula.tenantapi.kinds.resource;

import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import jakarta.inject.Singleton;
import java.util.List;

@Singleton
final class ResourceClaimTemplateKind implements StoredKind {

    private static final KindSpec SPEC =
            KindSpec.namespaced("resource.k8s.io", "v1", "ResourceClaimTemplate", "resourceclaimtemplates");

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
        return List.of(Printers.NAME, Printers.AGE);
    }
}
