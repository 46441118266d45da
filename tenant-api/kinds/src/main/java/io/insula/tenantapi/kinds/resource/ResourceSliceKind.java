package io.insula.tenantapi.kinds.resource;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;

@Singleton
final class ResourceSliceKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.cluster("resource.k8s.io", "v1", "ResourceSlice", "resourceslices")
            .withGeneration();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of("spec.nodeName", "spec.driver");
    }

    @Override
    public Map<String, String> selectableFields(JsonNode object) {
        return Map.of(
                "spec.nodeName", object.path("spec").path("nodeName").asText(""),
                "spec.driver", object.path("spec").path("driver").asText(""));
    }

    @Override
    public boolean returnsDeletedObject() {
        return true;
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Printers.text("Node", "spec.nodeName"),
                Printers.text("Driver", "spec.driver"),
                Printers.text("Pool", "spec.pool.name"),
                Printers.AGE);
    }
}
