package io.insula.tenantapi.kinds.node;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.Names;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;

@Singleton
final class RuntimeClassKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.cluster("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses")
            .creatingOnUpdate()
            .noUnconditionalUpdate();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return new Checks()
                .name(object.path("handler").asText(""), "handler", Names::dns1123Label)
                .errors();
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return new Checks().immutable(wanted, current, "handler").errors();
    }

    @Override
    public List<Column> columns() {
        return List.of(Printers.NAME, Printers.text("Handler", "handler"), Printers.AGE);
    }
}
