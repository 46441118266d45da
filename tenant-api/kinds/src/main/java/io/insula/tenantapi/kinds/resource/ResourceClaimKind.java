package io.insula.tenantapi.kinds.resource;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

@Singleton
final class ResourceClaimKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced("resource.k8s.io", "v1", "ResourceClaim", "resourceclaims")
            .withStatus(Set.of());

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return new Checks().immutable(wanted, current, "spec").errors();
    }

    @Override
    public boolean returnsDeletedObject() {
        return true;
    }

    @Override
    public List<Column> columns() {
        return List.of(Printers.NAME, Column.of("State", (o, now) -> state(o)), Printers.AGE);
    }

    private static String state(JsonNode claim) {
        var all = new ArrayList<String>();
        if (Meta.isBeingDeleted(claim)) {
            all.add("deleted");
        }
        if (!claim.path("status").path("allocation").isObject()) {
            all.add("pending");
        } else {
            all.add("allocated");
            all.add(claim.path("status").path("reservedFor").isEmpty() ? "" : "reserved");
            all.remove("");
        }
        return String.join(",", all);
    }
}
